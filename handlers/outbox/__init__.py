"""The messages of the outbox, rendered when they are sent."""
