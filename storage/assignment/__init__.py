"""Candidates for a ticket, routing, and overload."""
