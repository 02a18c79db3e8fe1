"""What people read, rendered for where they read it and for their language and time zone."""
