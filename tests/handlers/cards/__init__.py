"""Cards: what people see, within Slack's limits."""
