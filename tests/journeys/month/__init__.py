"""A month of four teams: who is away, who gives what to whom, who presses at once, and what must come of it."""
