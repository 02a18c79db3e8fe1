"""Forecasts: what lies ahead of a team, and what could be done about it."""
