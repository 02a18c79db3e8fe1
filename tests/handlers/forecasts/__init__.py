"""Tests of handlers/forecasts."""
