"""Tests of services/tickets."""
