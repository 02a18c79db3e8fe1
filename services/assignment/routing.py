"""Whom the desk would give a ticket to (assignments.py does it), and who passes over the one put before them."""

from collections.abc import Collection, Sequence
from datetime import date

from rules.assignment.routing import AssignmentChoice, assignment_mode, choose_candidate
from rules.calendars.timezones import time_zone
from rules.errors import FieldError
from rules.model.policy import AssignmentMode, Policy, Team
from rules.people.permissions import Permission
from rules.presence.leave import absence_text
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from services.notifications.recipients import leads_to_notify
from services.permissions import require
from storage import events
from storage.assignment.routing import AssignmentPool, add_to_share, assignment_candidates, assignment_pool, lock_shares
from storage.events import EventKind
from storage.outbox import outbox
from storage.people.people import names_of
from storage.presence.presence import presence_by_person
from storage.schema.tickets import Ticket
from storage.skills import skills_of
from storage.tickets.tickets import lock_ticket
from storage.transaction import Transaction


def is_routed_by_desk(policy: Policy, ticket: Ticket) -> bool:
    """Whether the desk itself gives this ticket to somebody."""
    return assignment_mode(policy, ticket.type, ticket.team) is not AssignmentMode.BY_HAND


def choose_assignee(tx: Transaction, ticket: Ticket, pools: dict[str, AssignmentPool]) -> AssignmentChoice:
    """Who gets it, whose turn is then over; without a person the ticket waits, and its lead hears once if in vain.

    `pools` is what was found out of each team; it holds until somebody of it is given something.
    """
    pool = pools[ticket.team] if ticket.team in pools else pools.setdefault(ticket.team, _build_pool(tx, ticket.team))
    found = assignment_candidates(tx, ticket, pool, policy=tx.policy)
    choice = choose_candidate(
        found, assignment_mode(tx.policy, ticket.type, ticket.team), type_name=tx.policy.type(ticket.type).name
    )
    if choice.person is not None:
        add_to_share(tx, ticket, choice.person)
        del pools[ticket.team]
    elif choice.is_hopeless:
        notify_leads_unrouted(tx, ticket, choice.reason)
    return choice


def _build_pool(tx: Transaction, team: str) -> AssignmentPool:
    turns, people = lock_shares(tx, team), assignable_people(tx.policy.team(team))
    return assignment_pool(tx, team, people, policy=tx.policy, at=tx.now, shares=turns)


def assignable_people(team: Team) -> Sequence[str]:
    """Whom the desk gives work to: agents and experts. Leads give; they get only where there is nobody else."""
    return tuple(dict.fromkeys((*team.agents, *team.experts))) or team.leads


def notify_leads_unrouted(tx: Transaction, ticket: Ticket, reason: str) -> None:
    """The leads, or who stands in for them, read once that nobody is left for it; again when it was reopened."""
    words = f"#{ticket.number} needs somebody from your hand: {reason} Press *Assign…* on its card."
    for lead in leads_to_notify(tx, tx.policy.team(ticket.team)):
        once = f"unrouted:{ticket.number}:{ticket.reopened}:{lead}"
        outbox.notify_person(tx, lead, number=ticket.number, text=words, dedupe_key=once)


def check_no_reason_needed(tx: Transaction, ticket: Ticket, who: str) -> None:
    """FieldError when the person is not competent or not here: whoever gives it to them all the same says why."""
    if hindrance := _objection(tx, ticket, who):
        raise FieldError("reason", f"{hindrance}. Say why it goes to them all the same: the story keeps it.")


def check_initial_assignee(tx: Transaction, ticket: Ticket, who: str) -> None:
    """The same for a new ticket, where there is no place for a reason; who is off work begins when they come."""
    if hindrance := _objection(tx, ticket, who, enough=REACHABLE_STATUSES | {PresenceStatus.OFF}):
        later = "choose somebody else, or file it and use *Assign…* with a reason"
        raise FieldError("assignee", f"{hindrance}: {later}.")


def _objection(
    tx: Transaction, ticket: Ticket, who: str, *, enough: Collection[PresenceStatus] = REACHABLE_STATUSES
) -> str:
    """Why the person should not just be given it, as a sentence without its end; empty where nothing speaks against."""
    day = _team_today(tx, ticket.team)
    known = skills_of(tx, [who], policy=tx.policy, day=day)
    if not known.is_qualified(who, ticket.type):
        kind = tx.policy.type(ticket.type)
        return f"{kind.name} needs somebody who {_LEVEL_TEXT[str(kind.required_level)]}"
    here = assignee_presence(tx, ticket, who)
    if here.status in enough:
        return ""
    place = tx.policy.person_calendar(who, ticket.team).timezone
    return f"{names_of(tx, [who])[who]} is {absence_text(here, tx.now, place)}"


def assignee_presence(tx: Transaction, ticket: Ticket, who: str) -> Presence:
    """Where the person is now, by the hours of the ticket's team where they are in none."""
    return presence_by_person(tx, [who], policy=tx.policy, team=ticket.team, at=tx.now)[who]


_LEVEL_TEXT = {"learning": "at least learns it", "can": "can do it", "expert": "is an expert"}


def _team_today(tx: Transaction, team: str) -> date:
    return tx.now.astimezone(time_zone(tx.policy.team_calendar(team).timezone)).date()


def skip_ticket(tx: Transaction, number: int, *, by: str) -> None:
    """It is kept that they skipped it, and for a while they are shown others; one that somebody has needs no skip."""
    ticket = lock_ticket(tx, number)
    require(tx, Permission.TAKE_NEXT_TICKET, ticket, by)
    if ticket.assignee is None:
        events.record(tx, ticket, EventKind.SKIPPED, by=by)
