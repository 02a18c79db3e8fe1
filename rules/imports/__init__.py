"""The log of another help desk, read as history."""
