"""Reports: `/report` and its words."""
