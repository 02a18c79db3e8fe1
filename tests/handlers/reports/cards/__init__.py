"""Tests of handlers/reports/cards."""
