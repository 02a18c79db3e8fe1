"""Reports: which one was asked for, and how its figures are counted."""
