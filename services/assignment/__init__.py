"""Assignment, routing, and reminders of unanswered offers."""
