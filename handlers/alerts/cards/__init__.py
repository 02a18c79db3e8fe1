"""Alert cards, digests and forms."""
