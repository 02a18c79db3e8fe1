"""Escalation cards, forms and outcomes."""
