"""Tests of handlers/home."""
