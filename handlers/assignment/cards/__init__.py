"""Assignments as people see them."""
