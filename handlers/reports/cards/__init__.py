"""Reports as people see them."""
