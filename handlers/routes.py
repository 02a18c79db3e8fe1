"""Every listener in one table of contents."""

from handlers import (
    alerts,
    assignments,
    checks,
    escalations,
    explanations,
    extensions,
    forecasts,
    gaps,
    home,
    intake,
    listing,
    preferences,
    redirects,
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
    redirects,
    checks,
    gaps,
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
    intake,
    listing,
)


def routes() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in CAPABILITIES:
        capability.register(on)
    return on
