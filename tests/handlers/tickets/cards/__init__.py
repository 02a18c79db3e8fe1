"""Tests of handlers/tickets/cards."""
