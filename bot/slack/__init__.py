"""The line to Slack: HTTP or Socket Mode, signatures, manifest."""
