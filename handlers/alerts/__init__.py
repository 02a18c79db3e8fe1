"""People answer alerts."""
