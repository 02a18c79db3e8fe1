"""Tests of services/notifications."""
