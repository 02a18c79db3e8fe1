"""Tickets, and lists of tickets."""
