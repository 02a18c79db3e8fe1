"""Tests of handlers/reassignment."""
