"""Bulk reassignment and absence cover."""
