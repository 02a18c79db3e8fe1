"""SLA timers, and extensions of them."""
