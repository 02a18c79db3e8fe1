"""Presence: at work, on a break or away, by leave, shifts and recorded actions."""
