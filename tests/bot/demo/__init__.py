"""The demo's company, its past and its people."""
