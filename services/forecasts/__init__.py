"""Forecasts: run, saved, settled, and acted on."""
