"""Tests of handlers/escalations/cards."""
