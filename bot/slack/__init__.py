"""The connection to Slack: HTTP or Socket Mode, signatures, manifest."""
