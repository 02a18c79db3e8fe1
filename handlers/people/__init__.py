"""Who is who, who belongs where, and what Slack says of them."""
