"""Working on tickets, and looking at them."""
