"""Tests of services/presence."""
