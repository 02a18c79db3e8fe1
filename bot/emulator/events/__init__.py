"""What the app is told, and how it gets there."""
