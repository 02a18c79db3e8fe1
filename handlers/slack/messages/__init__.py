"""What a message says: Slack's markup, and all that people see of it."""
