"""Tests of handlers/presence."""
