"""Escalations: who decides them, and their outcomes."""
