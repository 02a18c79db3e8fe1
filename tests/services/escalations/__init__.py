"""Tests of services/escalations."""
