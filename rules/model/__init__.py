"""The values everybody speaks of: tickets, SLA timers, the policy, people and their groups."""
