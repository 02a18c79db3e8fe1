"""Bot runs: settings, assembly, jobs, delivery, the connection to Slack and the command line."""
