"""Bulk reassignment by leads."""
