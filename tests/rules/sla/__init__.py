"""Tests of rules/sla."""
