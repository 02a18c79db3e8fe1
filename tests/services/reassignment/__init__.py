"""Tests of services/reassignment."""
