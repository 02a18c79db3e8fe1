"""Experts decide, colleagues review, leads close improvement items."""
