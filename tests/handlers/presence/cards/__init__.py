"""Tests of handlers/presence/cards."""
