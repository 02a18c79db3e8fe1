"""Tests of handlers/text."""
