"""Tests of handlers/reports."""
