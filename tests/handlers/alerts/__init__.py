"""Tests of handlers/alerts."""
