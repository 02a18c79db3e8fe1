"""Explanations of due times, and extensions."""
