"""Tests of handlers/tickets."""
