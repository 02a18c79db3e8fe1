"""Which tickets will breach, what would help, and how right earlier forecasts were."""
