"""Handlers talk: they read what Slack sends, call one operation and answer."""
