"""Alerts: the sweep that raises them, and who hears of them."""
