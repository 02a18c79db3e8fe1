"""Handlers and cards, tested through the app and against Slack's limits."""
