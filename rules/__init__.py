"""What the desk decides, as functions of values: no clock, no storage, no Slack."""
