"""Tests of handlers/escalations."""
