"""Tests of handlers/slack/people."""
