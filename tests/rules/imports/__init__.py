"""Tests of rules/imports."""
