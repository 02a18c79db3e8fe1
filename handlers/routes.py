"""Every listener in one table of contents."""

from handlers import (
    alerts,
    assignments,
    escalations,
    explanations,
    extensions,
    forecasts,
    home,
    intake,
    listing,
    preferences,
    presence,
    reports,
    steps,
    teams,
    threads,
    tickets,
)
from handlers.router import Router

CAPABILITIES = (
    assignments,
    escalations,
    reports,
    teams,
    alerts,
    extensions,
    explanations,
    forecasts,
    steps,
    tickets,
    threads,
    home,
    preferences,
    presence,
    intake,
    listing,
)


def routes() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in CAPABILITIES:
        capability.register(on)
    return on
