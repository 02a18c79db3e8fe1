"""Working a ticket: its life, its corrections, its steps, its threads."""
