"""Business time: open hours, days off, zones, and times as people write them."""
