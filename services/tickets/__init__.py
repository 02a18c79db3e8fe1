"""The life of a ticket: its changes, corrections, steps and threads."""
