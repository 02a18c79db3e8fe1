"""People file tickets."""
