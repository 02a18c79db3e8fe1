"""Who people are to Slack: profiles, user groups, and people of other workspaces."""
