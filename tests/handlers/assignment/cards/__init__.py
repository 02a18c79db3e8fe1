"""Tests of handlers/assignment/cards."""
