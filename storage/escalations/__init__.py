"""Escalations, their approvers, their outcomes, and improvement items."""
