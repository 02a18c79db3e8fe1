"""Tickets as people see them."""
