"""Who knows what, as leads say it and everybody reads it."""
