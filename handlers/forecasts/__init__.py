"""Leads look ahead."""
