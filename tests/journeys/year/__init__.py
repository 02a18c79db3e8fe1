"""A year of three teams: who works when, what happens, what is said, and what had to be said."""
