"""People, memberships, and their Slack status."""
