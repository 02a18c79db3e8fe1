"""Who is where, as it is remembered."""
