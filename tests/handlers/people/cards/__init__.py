"""Tests of handlers/people/cards."""
