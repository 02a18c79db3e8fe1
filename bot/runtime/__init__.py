"""Baton at work: it is put together, runs its jobs, computes aside and delivers."""
