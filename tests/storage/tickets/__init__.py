"""Tests of storage/tickets."""
