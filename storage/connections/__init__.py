"""Connections to the database: the writing thread, reads under way, outages, poolers, SQLite's files."""
