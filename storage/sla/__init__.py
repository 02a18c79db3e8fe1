"""SLA timers and their extensions."""
