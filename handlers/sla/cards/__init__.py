"""Due times explained, and extensions."""
