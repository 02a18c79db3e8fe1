"""Presence, shifts and logged time as messages and forms."""
