"""Forecasts for leads."""
