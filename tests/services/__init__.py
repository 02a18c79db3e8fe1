"""Deeds, tested on a real database."""
