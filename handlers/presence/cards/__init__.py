"""Presence, shifts and logged time as people see them."""
