"""A running process of Baton: assembly, jobs, leadership, delivery and the compute worker."""
