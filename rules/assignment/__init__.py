"""Who gets a ticket, and which ticket somebody gets next."""
