"""Tests of rules/config."""
