"""Whom the desk would assign a ticket to (assignments.py does it), and skipping a proposed ticket."""

from collections.abc import Collection, Sequence

from rules.assignment.routing import AssignmentChoice, assignment_mode, choose_candidate
from rules.calendars.timezones import local_date
from rules.errors import FieldError
from rules.model.people import SkillLevel
from rules.model.policy import AssignmentMode, Policy, Team, TicketType
from rules.people.permissions import Permission
from rules.presence.leave import absence_text
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from rules.text import Text, TicketNumber, _
from services.notifications.notifications import notify_leads
from services.permissions import lock_permitted
from storage import events
from storage.assignment.routing import AssignmentPool, add_to_share, assignment_candidates, assignment_pool, lock_shares
from storage.events import EventKind
from storage.people.people import names_of
from storage.presence.presence import presence_by_person
from storage.schema.tickets import NewTicket, Ticket
from storage.skills import skills_of
from storage.transaction import Transaction


def is_routed_by_desk(policy: Policy, ticket: Ticket | NewTicket) -> bool:
    return assignment_mode(policy, ticket.type, ticket.team) is not AssignmentMode.BY_HAND


def choose_assignee(tx: Transaction, ticket: Ticket, pools: dict[str, AssignmentPool]) -> AssignmentChoice:
    """Counts the ticket in the person's share. Without a person the ticket waits, and its lead is notified once if that
    is in vain.

    `pools` keeps what was read about each team until one of its people is assigned a ticket.
    """
    if ticket.team not in pools:
        pools[ticket.team] = _build_pool(tx, ticket.team)
    candidates = assignment_candidates(tx, ticket, pools[ticket.team], policy=tx.policy)
    mode = assignment_mode(tx.policy, ticket.type, ticket.team)
    choice = choose_candidate(candidates, mode, type_name=tx.policy.type(ticket.type).name)
    if choice.person is not None:
        add_to_share(tx, ticket, choice.person)
        del pools[ticket.team]
    elif choice.is_hopeless:
        notify_leads_unrouted(tx, ticket, choice.reason)
    return choice


def _build_pool(tx: Transaction, team: str) -> AssignmentPool:
    shares, people = lock_shares(tx, team), assignable_people(tx.policy.team(team))
    return assignment_pool(tx, team, people, policy=tx.policy, at=tx.now, shares=shares)


def assignable_people(team: Team) -> Sequence[str]:
    """Agents and experts; the leads only where there are none."""
    return tuple(dict.fromkeys((*team.agents, *team.experts))) or team.leads


def notify_leads_unrouted(tx: Transaction, ticket: Ticket, reason: Text) -> None:
    number = TicketNumber(ticket.number)
    text = _("{ticket} stays unassigned: {reason} Press “Assign…” on its card.", ticket=number, reason=reason)
    key = f"unrouted:{ticket.number}:{ticket.reopened}"
    notify_leads(tx, ticket.team, number=ticket.number, text=text, dedupe_key=key)


def check_no_reason_needed(tx: Transaction, ticket: Ticket, person: str) -> None:
    """FieldError when the person lacks the skill or is absent: such an assignment needs a reason."""
    if objection := _objection(tx, ticket, person):
        sentence = _("{objection}. To assign it anyway, enter a reason for the ticket history.", objection=objection)
        raise FieldError("reason", sentence)


def check_initial_assignee(tx: Transaction, ticket: NewTicket, person: str) -> None:
    """Like `check_no_reason_needed`, for a new ticket: an off-duty person is allowed."""
    if objection := _objection(tx, ticket, person, allowed=REACHABLE_STATUSES | {PresenceStatus.OFF}):
        sentence = _(
            "{objection}. Choose someone else, or create it unassigned and press “Assign…” with a reason.",
            objection=objection,
        )
        raise FieldError("assignee", sentence)


def _objection(
    tx: Transaction,
    ticket: Ticket | NewTicket,
    person: str,
    *,
    allowed: Collection[PresenceStatus] = REACHABLE_STATUSES,
) -> Text | None:
    """Why the person should not be assigned it, without a full stop; None when nothing speaks against."""
    day = local_date(tx.now, tx.policy.team_calendar(ticket.team).timezone)
    skills = skills_of(tx, [person], policy=tx.policy, day=day)
    if not skills.is_qualified(person, ticket.type):
        ticket_type = tx.policy.type(ticket.type)
        return _required_level_text(ticket_type)
    presence = assignee_presence(tx, ticket, person)
    if presence.status in allowed:
        return None
    timezone = tx.policy.person_calendar(person, ticket.team).timezone
    name = names_of(tx, [person])[person]
    return _("{name} is {absence}", name=name, absence=absence_text(presence, tx.now, timezone))


def _required_level_text(ticket_type: TicketType) -> Text:
    match ticket_type.required_level:
        case SkillLevel.LEARNING:
            return _("{type} needs someone who is at least learning it", type=ticket_type.name)
        case SkillLevel.EXPERT:
            return _("{type} needs an expert", type=ticket_type.name)
    return _("{type} needs someone with the skill for it", type=ticket_type.name)


def assignee_presence(tx: Transaction, ticket: Ticket | NewTicket, person: str) -> Presence:
    return presence_by_person(tx, [person], policy=tx.policy, team=ticket.team, at=tx.now)[person]


def skip_ticket(tx: Transaction, number: int, *, by: str) -> None:
    ticket = lock_permitted(tx, Permission.TAKE_NEXT_TICKET, number, by)
    if ticket.assignee is None:
        events.record(tx, ticket, EventKind.SKIPPED, by=by)
