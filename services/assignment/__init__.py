"""Tickets are given to somebody, and they are reminded."""
