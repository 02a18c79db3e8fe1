"""Tests of bot/emulator/web."""
