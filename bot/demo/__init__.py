"""The demo: a small company in a local Slack, with four weeks of history and people who keep working."""
