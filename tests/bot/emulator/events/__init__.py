"""Tests of bot/emulator/events."""
