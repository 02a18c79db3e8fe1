"""Tests of rules/model."""
