"""Assigning tickets, and taking the next one."""
