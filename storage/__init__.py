"""Storage remembers: tables, history, outbox, and the queries over them."""
