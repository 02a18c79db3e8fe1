"""Tests of services/assignment."""
