"""Presence, leave and shifts."""
