"""Tickets as cards, lists, pages and forms."""
