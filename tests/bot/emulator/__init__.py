"""The local workspace, driven as Slack is."""
