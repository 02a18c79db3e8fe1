"""Skills of people, set by leads."""
