"""Tests of storage/presence."""
