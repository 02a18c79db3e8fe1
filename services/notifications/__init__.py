"""Notifications, their recipients, and what could not be delivered."""
