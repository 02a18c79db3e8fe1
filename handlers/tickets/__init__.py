"""People work tickets, and look at them."""
