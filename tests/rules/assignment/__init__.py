"""Tests of rules/assignment."""
