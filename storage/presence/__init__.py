"""Presence, leave, shifts, the presence board, and logged time."""
