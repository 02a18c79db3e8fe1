"""People give tickets, and take the next one."""
