"""Tests of handlers/sla."""
