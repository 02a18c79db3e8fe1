"""Slack's limits, and how fast an app may post."""
