"""Experts are asked, decide, ask back, and are taken past."""
