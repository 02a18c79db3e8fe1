"""Tests of rules/presence."""
