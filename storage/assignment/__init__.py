"""Who could be given a ticket, whose turn it is, and who has too much."""
