"""Workload and handling time."""
