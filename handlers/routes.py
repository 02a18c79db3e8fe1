"""Every listener in one table of contents."""

from handlers import alerts, assignments, escalations, home, intake, listing, reports, teams, threads, tickets
from handlers.router import Router


def routes() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in (assignments, escalations, reports, teams, alerts, tickets, threads, home, intake, listing):
        capability.register(on)
    return on
