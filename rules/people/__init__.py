"""Permissions, team memberships and Slack statuses."""
