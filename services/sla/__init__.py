"""SLA timers follow the ticket, and are extended."""
