"""Presence, leave, shifts, and the presence board."""
