"""What one person finds on their Home: what waits for them, what they hold or asked for, their teams' queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select

from rules.alerts import HearBy
from rules.escalations.outcomes import SPAN, Tally
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import Clock as Running
from rules.model.timers import ClockKind
from rules.people.permissions import Role, standing, teams_led, teams_of
from rules.presence.presence import Presence
from storage.escalations import escalations
from storage.escalations.outcomes import tally_of
from storage.preferences import hear_by
from storage.presence import shifts
from storage.presence.presence import presence_of
from storage.presence.presence import standing as standing_leave
from storage.schema.people import Absence, OwnShift
from storage.schema.tickets import Clock, Escalation, Ticket
from storage.sla import timers
from storage.tickets.lists import COUNTED
from storage.transaction import Reader

LINES = 10
TEAMS = 3
NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Rows:
    """The first lines of a list, and how long it is."""

    tickets: Sequence[Ticket] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """Everything on one person's Home; `queues` by team, `asked_of_experts` with their tickets. `hear_by` is how alerts
    reach them, `stands` where they are, None for who is in no team; `leaves` is time away that they entered, `shifts`
    what they work beside their calendar. `leads` says that they lead people, of one team or of all."""

    works: bool
    offered: Rows = Rows()
    mine: Rows = Rows()
    asked: Rows = Rows()
    queues: Mapping[str, Rows] = field(default_factory=dict)
    asked_of_experts: Sequence[tuple[Escalation, Ticket]] = ()
    clocks: Mapping[int, Mapping[ClockKind, Running]] = field(default_factory=dict)
    hear_by: HearBy | None = None
    escalated: Tally = NOTHING
    leads: bool = False
    stands_in_for: Sequence[str] = ()
    stands: Presence | None = None
    leaves: Sequence[Absence] = ()
    shifts: Sequence[OwnShift] = ()


def home_of(reader: Reader, person: str, *, policy: Policy, at: datetime) -> Home:
    """Read when the person looks; whoever works at no desk finds only what they asked for."""
    teams = teams_of(policy, person)
    looks_at = teams or (list(policy.teams) if standing(policy, person) else [])
    held = Ticket.assignee == person
    found = Home(
        works=bool(looks_at),
        offered=_rows(reader, at, held, Ticket.status == Status.ASSIGNED),
        mine=_rows(reader, at, held, Ticket.status != Status.ASSIGNED),
        asked=_rows(reader, at, Ticket.requester == person),
        queues={key: _rows(reader, at, Ticket.team == key) for key in looks_at[:TEAMS]},
        asked_of_experts=_questions(reader, person, teams),
        hear_by=hear_by(reader, [person])[person] if teams else None,
        leads=Role.MANAGER in standing(policy, person) or bool(teams_led(policy, person)),
        stands_in_for=policy.acting(person)[1:],
        stands=presence_of(reader, person, policy=policy, at=at) if teams else None,
        leaves=standing_leave(reader, [person], at=at),
        shifts=shifts.standing(reader, [person], at=at),
        escalated=tally_of(reader, person=person, since=at - SPAN) if teams else NOTHING,
    )
    return _with_clocks(reader, found)


def _rows(reader: Reader, at: datetime, *which: ColumnElement[bool]) -> Rows:
    """Open tickets: what is overdue or nobody holds comes first, then what is due first."""
    due = (
        select(Clock.number, func.min(Clock.due_at).label("due"))
        .where(Clock.workspace_id == reader.workspace, Clock.state == literal_column("'running'"))
        .group_by(Clock.number)
        .subquery()
    )
    still_open = and_(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), *which)
    urgent = case((or_(Ticket.assignee.is_(None), due.c.due < at), 0), else_=1)
    listed = select(Ticket).outerjoin(due, due.c.number == Ticket.number).where(still_open)
    first = reader.session.scalars(listed.order_by(urgent, due.c.due.nulls_last(), Ticket.number).limit(LINES)).all()
    some = select(Ticket.number).where(still_open).limit(COUNTED)
    total = (
        reader.session.scalar(select(func.count()).select_from(some.subquery())) if len(first) == LINES else len(first)
    )
    return Rows(first, total or 0)


def _questions(reader: Reader, person: str, teams: Sequence[str]) -> list[tuple[Escalation, Ticket]]:
    waiting = escalations.waiting_for(reader, person, teams=teams)[:LINES]
    numbers = [one.number for one in waiting]
    about = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(numbers))
    tickets = {ticket.number: ticket for ticket in reader.session.scalars(about)} if numbers else {}
    return [(one, tickets[one.number]) for one in waiting if one.number in tickets]


def _with_clocks(reader: Reader, home: Home) -> Home:
    lists = (home.offered, home.mine, home.asked, *home.queues.values())
    numbers = {ticket.number for rows in lists for ticket in rows.tickets}
    if not numbers:
        return home
    return replace(home, clocks=timers.of_many(reader, sorted(numbers)))
