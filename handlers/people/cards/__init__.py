"""People and teams as people see them."""
