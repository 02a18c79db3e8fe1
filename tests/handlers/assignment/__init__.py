"""Tests of handlers/assignment."""
