"""desk.yml: its models, every fault in it, and the policy that it becomes."""
