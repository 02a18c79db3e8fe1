"""Tests of bot/emulator/state."""
