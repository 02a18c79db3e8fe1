"""Tests of rules/workload."""
