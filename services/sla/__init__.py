"""SLA timers follow their ticket, and are extended."""
