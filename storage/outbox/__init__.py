"""Messages to be sent to Slack, their delivery, and where each message is."""
