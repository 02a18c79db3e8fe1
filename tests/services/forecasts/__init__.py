"""Tests of services/forecasts."""
