"""Tests of storage/reports."""
