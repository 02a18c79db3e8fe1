"""What people see in Slack: cards, forms and notices as plain values."""
