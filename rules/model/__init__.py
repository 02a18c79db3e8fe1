"""The values all layers share: tickets, SLA timers, the policy, people and user groups."""
