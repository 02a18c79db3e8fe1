"""Tests of bot/emulator/limits."""
