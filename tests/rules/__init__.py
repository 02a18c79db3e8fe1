"""Rules, tested with values."""
