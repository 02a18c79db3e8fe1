"""Forecasts: their inputs, the simulation, and what-if actions."""
