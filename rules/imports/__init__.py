"""The log of another help desk, imported as history."""
