"""Tests of bot/emulator/methods."""
