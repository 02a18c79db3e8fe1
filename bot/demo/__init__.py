"""The demo: a small company in a local Slack, with some weeks behind it and people who go on working."""
