"""SLA targets, the timers that measure them, and explanations of due times."""
