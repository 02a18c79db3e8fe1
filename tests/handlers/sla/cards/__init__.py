"""Tests of handlers/sla/cards."""
