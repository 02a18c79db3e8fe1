"""Tests of services/alerts."""
