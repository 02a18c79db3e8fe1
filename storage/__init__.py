"""Storage remembers: tables, history, outbox and the questions asked of them."""
