"""One person's Home: their tickets and requests, the decisions that wait for them, their teams' queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from rules.alerts import AlertChannel
from rules.escalations.outcomes import OUTCOME_PERIOD, EscalationOutcomes
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import Role, desk_wide_roles, teams_led_by, teams_worked_in
from rules.presence.presence import Presence
from storage.escalations import escalations
from storage.escalations.outcomes import outcomes_of_person
from storage.preferences import alert_channels
from storage.presence import shifts
from storage.presence.presence import current_leave_entries, presence_of
from storage.schema.people import LeaveEntry, ShiftEntry
from storage.schema.tickets import Escalation, Ticket, TimerRow
from storage.sla import timers
from storage.tickets.lists import MAX_COUNTED
from storage.transaction import Reader

TICKETS_PER_LIST = 10
MAX_QUEUES = 3
NO_OUTCOMES = EscalationOutcomes()


@dataclass(frozen=True, slots=True)
class TicketList:
    """The first tickets of a list, and the length of the whole list."""

    tickets: Sequence[Ticket] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class HomeContent:
    """Everything on one person's Home.

    `offered` waits for them to start; `queues` is by team. `alert_channel` and `presence` are None for people in no
    team. `is_lead` is true for the leads of a team and for managers. `leaves` and `shifts` are the entries they can
    cancel.
    """

    is_staff: bool
    offered: TicketList = TicketList()
    assigned: TicketList = TicketList()
    requested: TicketList = TicketList()
    queues: Mapping[str, TicketList] = field(default_factory=dict)
    escalations: Sequence[tuple[Escalation, Ticket]] = ()
    timers: Mapping[int, Mapping[TimerKind, SlaTimer]] = field(default_factory=dict)
    alert_channel: AlertChannel | None = None
    outcomes: EscalationOutcomes = NO_OUTCOMES
    is_lead: bool = False
    deputy_for: Sequence[str] = ()
    presence: Presence | None = None
    leaves: Sequence[LeaveEntry] = ()
    shifts: Sequence[ShiftEntry] = ()


def home_content(reader: Reader, person: str, *, policy: Policy, at: datetime) -> HomeContent:
    teams = teams_worked_in(policy, person)
    team_keys = teams or (list(policy.teams) if desk_wide_roles(policy, person) else [])
    is_assignee = Ticket.assignee == person
    content = HomeContent(
        is_staff=bool(team_keys),
        offered=_ticket_list(reader, at, is_assignee, Ticket.status == Status.ASSIGNED),
        assigned=_ticket_list(reader, at, is_assignee, Ticket.status != Status.ASSIGNED),
        requested=_ticket_list(reader, at, Ticket.requester == person),
        queues={key: _ticket_list(reader, at, Ticket.team == key) for key in team_keys[:MAX_QUEUES]},
        escalations=_escalations_to_decide(reader, person, teams),
        alert_channel=alert_channels(reader, [person])[person] if teams else None,
        is_lead=Role.MANAGER in desk_wide_roles(policy, person) or bool(teams_led_by(policy, person)),
        deputy_for=policy.acts_for(person)[1:],
        presence=presence_of(reader, person, policy=policy, at=at) if teams else None,
        leaves=current_leave_entries(reader, [person], at=at),
        shifts=shifts.current_shift_entries(reader, [person], at=at),
        outcomes=outcomes_of_person(reader, person=person, since=at - OUTCOME_PERIOD) if teams else NO_OUTCOMES,
    )
    return _with_timers(reader, content)


def _ticket_list(reader: Reader, at: datetime, *which: ColumnElement[bool]) -> TicketList:
    """Open tickets: the overdue and the unassigned first, then by due time."""
    due = (
        select(TimerRow.number, func.min(TimerRow.due_at).label("due"))
        .where(TimerRow.workspace_id == reader.workspace, TimerRow.state == literal_column("'running'"))
        .group_by(TimerRow.number)
        .subquery()
    )
    still_open = and_(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), *which)
    urgent = case((or_(Ticket.assignee.is_(None), due.c.due < at), 0), else_=1)
    listed = select(Ticket).outerjoin(due, due.c.number == Ticket.number).where(still_open)
    first = reader.session.scalars(
        listed.order_by(urgent, due.c.due.nulls_last(), Ticket.number).limit(TICKETS_PER_LIST)
    ).all()
    numbers = select(Ticket.number).where(still_open).limit(MAX_COUNTED)
    total = (
        reader.session.scalar(select(func.count()).select_from(numbers.subquery()))
        if len(first) == TICKETS_PER_LIST
        else len(first)
    )
    return TicketList(first, total or 0)


def _escalations_to_decide(reader: Reader, person: str, teams: Sequence[str]) -> list[tuple[Escalation, Ticket]]:
    escalations_to_decide = escalations.escalations_to_decide(reader, person, teams=teams)[:TICKETS_PER_LIST]
    numbers = [escalation.number for escalation in escalations_to_decide]
    query = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(numbers))
    tickets = {ticket.number: ticket for ticket in reader.session.scalars(query)} if numbers else {}
    return [
        (escalation, tickets[escalation.number]) for escalation in escalations_to_decide if escalation.number in tickets
    ]


def _with_timers(reader: Reader, home: HomeContent) -> HomeContent:
    lists = (home.offered, home.assigned, home.requested, *home.queues.values())
    numbers = {ticket.number for rows in lists for ticket in rows.tickets}
    if not numbers:
        return home
    return replace(home, timers=timers.timers_by_ticket(reader, sorted(numbers)))
