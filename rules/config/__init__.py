"""desk.yml: read, checked, and turned into the policy."""
