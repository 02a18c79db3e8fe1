"""Business time: opening hours, days off, time zones, and dates as people write them."""
