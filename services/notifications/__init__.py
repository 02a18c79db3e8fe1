"""Who hears of what, and what could not be delivered."""
