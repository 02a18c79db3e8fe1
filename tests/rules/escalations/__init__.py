"""Tests of rules/escalations."""
