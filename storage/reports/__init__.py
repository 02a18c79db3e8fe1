"""What reports are counted from."""
