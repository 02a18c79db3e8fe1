"""People ask for numbers."""
