"""Tests of handlers/skills."""
