"""People, their memberships, and Slack's user groups."""
