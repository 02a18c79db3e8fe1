"""Tickets, and the lists of them."""
