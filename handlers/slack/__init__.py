"""Everything that knows Slack: router, payloads, ids, blocks, errors."""
