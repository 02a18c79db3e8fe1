"""Tests of handlers/charts."""
