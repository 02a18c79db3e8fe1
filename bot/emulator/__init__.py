"""A small Slack on your own machine, which knows nothing of Baton."""
