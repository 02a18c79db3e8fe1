"""Handlers talk: they read what Slack says, call one deed and answer."""
