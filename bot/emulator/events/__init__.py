"""What the app is sent, and how it gets there."""
