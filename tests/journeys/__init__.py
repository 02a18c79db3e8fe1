"""Whole stories, from the first words in Slack to the solved ticket."""
