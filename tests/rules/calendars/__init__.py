"""Tests of rules/calendars."""
