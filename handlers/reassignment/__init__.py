"""Leads move somebody's tickets to others."""
