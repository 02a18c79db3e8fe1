"""Every capability that registers something, in one table of contents."""

from handlers import desk_command
from handlers.alerts import alerts
from handlers.assignment import assignments, next_ticket
from handlers.escalations import escalations, improvement_items, outcomes, peer_review, redirects
from handlers.forecasts import forecasts
from handlers.home import home
from handlers.intake import intake, suggestions
from handlers.people import memberships, people, slack_status, user_groups
from handlers.preferences import preferences
from handlers.presence import logged_time, presence, shifts
from handlers.reassignment import reassignment
from handlers.reports import open_work, reports, resolution_times
from handlers.skills import skills
from handlers.sla import explanations, extensions
from handlers.slack.router import Router
from handlers.tickets import lists, steps, threads, tickets

# In this order the words of a command stand in its help.
CAPABILITIES = (
    presence,
    shifts,
    forecasts,
    desk_command,
    next_ticket,
    skills,
    memberships,
    reassignment,
    preferences,
    reports,
    open_work,
    resolution_times,
    logged_time,
    outcomes,
    assignments,
    escalations,
    redirects,
    peer_review,
    improvement_items,
    alerts,
    extensions,
    explanations,
    steps,
    tickets,
    threads,
    home,
    people,
    user_groups,
    slack_status,
    suggestions,
    intake,
    lists,
)


def build_router() -> Router:
    """The router with everything that the capabilities register."""
    on = Router()
    for capability in CAPABILITIES:
        capability.register(on)
    return on
