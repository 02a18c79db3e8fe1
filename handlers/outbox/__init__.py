"""What each row of the outbox says, drawn when it is sent."""
