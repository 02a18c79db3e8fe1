"""Who gets a ticket, and which ticket a person gets next."""
