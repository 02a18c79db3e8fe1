"""Promises of the house, held by tests."""
