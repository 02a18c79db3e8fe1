"""Storage, tested on real databases."""
