"""Every listener in one table of contents."""

from handlers import (
    alerts,
    assignments,
    baskets,
    checks,
    competence,
    escalations,
    explanations,
    extensions,
    forecasts,
    gaps,
    groups,
    hints,
    home,
    intake,
    listing,
    members,
    people,
    picking,
    preferences,
    presence,
    proposals,
    redirects,
    reports,
    shifts,
    steps,
    teams,
    threads,
    tickets,
)
from handlers.router import Router

CAPABILITIES = (
    assignments,
    competence,
    members,
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
    baskets,
    steps,
    tickets,
    threads,
    home,
    people,
    groups,
    hints,
    picking,
    preferences,
    proposals,
    presence,
    shifts,
    intake,
    listing,
)


def routes() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in CAPABILITIES:
        capability.register(on)
    return on
