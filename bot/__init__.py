"""The bot runs: settings, assembly, the clock, delivery, web routes and the command line."""
