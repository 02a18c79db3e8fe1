"""People ask why a ticket is due, and for more time."""
