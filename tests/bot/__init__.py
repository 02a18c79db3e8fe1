"""The running parts: settings, assembly, jobs, delivery and the command line."""
