"""Due times and more time as people see them."""
