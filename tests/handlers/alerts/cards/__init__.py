"""Tests of handlers/alerts/cards."""
