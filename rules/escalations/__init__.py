"""Escalations: who decides, and what became of them."""
