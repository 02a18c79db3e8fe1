"""Alerts: the sweep that raises them, and their delivery."""
