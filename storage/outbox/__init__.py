"""What Slack is to be told, and what became of telling it."""
