"""What every conversation with Slack stands on: router, payloads, blocks, errors."""
