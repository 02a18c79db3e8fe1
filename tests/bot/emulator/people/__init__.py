"""Tests of bot/emulator/people."""
