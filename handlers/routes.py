"""Every capability that registers something, in one table of contents."""

from datetime import timedelta

from handlers import desk_command
from handlers.alerts import alerts
from handlers.alerts import messages as alert_messages
from handlers.assignment import assignments, next_ticket
from handlers.assignment import home as assignment_home
from handlers.assignment import messages as assignment_messages
from handlers.escalations import escalations, improvement_items, outcomes, peer_review, redirects
from handlers.escalations import home as escalation_home
from handlers.escalations import messages as escalation_messages
from handlers.forecasts import forecasts
from handlers.forecasts import messages as forecast_messages
from handlers.home import home
from handlers.intake import intake, suggestions
from handlers.intake import messages as intake_messages
from handlers.people import memberships, people, slack_status, user_groups
from handlers.preferences import home as preference_home
from handlers.preferences import preferences
from handlers.presence import home as presence_home
from handlers.presence import logged_time, presence, shifts
from handlers.presence import messages as presence_messages
from handlers.reassignment import messages as reassignment_messages
from handlers.reassignment import reassignment
from handlers.registry import Registry
from handlers.reports import messages as report_messages
from handlers.reports import open_work, reports, resolution_times
from handlers.skills import skills
from handlers.sla import explanations, extensions
from handlers.sla import messages as sla_messages
from handlers.tickets import home as ticket_home
from handlers.tickets import lists, steps, threads, tickets
from handlers.tickets import messages as ticket_messages

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
    alert_messages,
    assignment_messages,
    escalation_messages,
    forecast_messages,
    intake_messages,
    presence_messages,
    reassignment_messages,
    report_messages,
    sla_messages,
    ticket_messages,
    assignment_home,
    escalation_home,
    preference_home,
    presence_home,
    ticket_home,
)


def build_registry(*, sweep_interval: timedelta = timedelta(seconds=30)) -> Registry:
    """Everything that the capabilities register."""
    on = Registry(sweep_interval=sweep_interval)
    for capability in CAPABILITIES:
        capability.register(on)
    return on
