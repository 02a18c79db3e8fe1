"""A desk of random people, with crashes and faults, beside a small model of it in memory."""
