"""Messages: what people see of one, and who and what it names."""
