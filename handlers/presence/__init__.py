"""People say where they are and when they work."""
