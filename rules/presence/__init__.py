"""Where somebody is: leave, shifts, and the time they logged."""
