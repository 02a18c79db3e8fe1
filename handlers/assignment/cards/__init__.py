"""Assignment cards and forms."""
