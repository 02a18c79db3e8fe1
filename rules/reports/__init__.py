"""Reports: the numbers of a day, open work by person, resolution times."""
