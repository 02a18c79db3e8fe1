"""Tests of rules/forecasts."""
