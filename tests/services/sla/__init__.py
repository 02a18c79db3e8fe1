"""Tests of services/sla."""
