"""Tests of handlers/slack/messages."""
