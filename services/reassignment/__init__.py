"""Tickets go from one person to others: in bulk, and while somebody is away."""
