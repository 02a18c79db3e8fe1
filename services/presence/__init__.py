"""People say where they are, and teams see it."""
