"""Escalations, their approvals, and what became of them."""
