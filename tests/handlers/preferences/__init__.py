"""Tests of handlers/preferences."""
