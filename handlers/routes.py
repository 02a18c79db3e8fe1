"""Every listener in one table of contents."""

from handlers import desk_command
from handlers.alerts import alerts
from handlers.assignment import assignments, next_ticket
from handlers.escalations import escalations, improvement_items, peer_review, redirects
from handlers.forecasts import forecasts
from handlers.home import home
from handlers.intake import intake, suggestions
from handlers.people import memberships, people, slack_status, user_groups
from handlers.preferences import preferences
from handlers.presence import presence, shifts
from handlers.reassignment import reassignment
from handlers.reports import reports
from handlers.skills import skills
from handlers.sla import explanations, extensions
from handlers.slack.router import Router
from handlers.tickets import lists, steps, threads, tickets

CAPABILITIES = (
    assignments,
    skills,
    memberships,
    escalations,
    redirects,
    peer_review,
    improvement_items,
    reports,
    desk_command,
    alerts,
    extensions,
    explanations,
    forecasts,
    reassignment,
    steps,
    tickets,
    threads,
    home,
    people,
    user_groups,
    slack_status,
    next_ticket,
    preferences,
    suggestions,
    presence,
    shifts,
    intake,
    lists,
)


def build_router() -> Router:
    """The router with every capability's listeners on it."""
    on = Router()
    for capability in CAPABILITIES:
        capability.register(on)
    return on
