"""SLA targets, the timers that measure them, and why a ticket is due when it is."""
