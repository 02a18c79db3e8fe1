"""Who may do what, who belongs where, and what Slack says of somebody."""
