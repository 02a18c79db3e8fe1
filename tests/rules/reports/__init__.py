"""Tests of rules/reports."""
