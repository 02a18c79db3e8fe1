"""Who could be given a ticket, the best first, and which ticket somebody could take next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_

from rules.assignment.next_ticket import UnassignedTicket, best_next_ticket
from rules.assignment.routing import Candidate, rank_candidates
from rules.forecasts.forecasts import Forecast
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import TimerState
from rules.presence.presence import PresenceStatus
from rules.skills import KnownSkills
from storage.assignment.routing import assignment_candidates, assignment_pool
from storage.events import EventKind
from storage.forecasts import latest_forecast
from storage.people.people import find_person, names_of
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.skills import skills_of, team_today
from storage.transaction import Reader

NUMBERS_PER_QUERY = 500
ASSIGNING_EVENTS = (EventKind.ASSIGNED, EventKind.REASSIGNED)


@dataclass(frozen=True, slots=True)
class AssigneeChoices:
    """Everybody who could be given it, the best first, with their names, and the reader's time zone."""

    candidates: Sequence[Candidate]
    names: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"

    def name_of(self, who: str) -> str:
        return self.names.get(who, who)


def assignee_choices(
    reader: Reader,
    ticket: Ticket,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    viewer: str,
) -> AssigneeChoices:
    """Those of them who have not left: who could begin now first, who is not competent or not here last."""
    pool = assignment_pool(reader, ticket.team, people, policy=policy, at=at)
    found = assignment_candidates(reader, ticket, pool, policy=policy)
    still_here = rank_candidates(one for one in found if one.presence.status is not PresenceStatus.GONE)
    known = find_person(reader, viewer)
    zone = known.tz if known is not None else policy.team_calendar(ticket.team).timezone
    return AssigneeChoices(still_here, names_of(reader, [one.person for one in still_here]), zone)


def latest_assignments(reader: Reader, numbers: Sequence[int]) -> dict[int, Event]:
    """The event by which each of these tickets, which somebody was given, came to them."""
    found: dict[int, Event] = {}
    for first in range(0, len(numbers), NUMBERS_PER_QUERY):
        newest = (
            select(Event.number, func.max(Event.seq))
            .where(
                Event.workspace_id == reader.workspace,
                Event.number.in_(numbers[first : first + NUMBERS_PER_QUERY]),
                Event.kind.in_(map(str, ASSIGNING_EVENTS)),
            )
            .group_by(Event.number)
        )
        those = select(Event).where(Event.workspace_id == reader.workspace, tuple_(Event.number, Event.seq).in_(newest))
        found |= {event.number: event for event in reader.session.scalars(those)}
    return found


SKIP_DURATION = timedelta(hours=8)  # so long a skipped ticket is not shown to the same person
MAX_TICKETS_READ = 1000


@dataclass(frozen=True, slots=True)
class NextTicket:
    """The ticket that somebody should take next and what speaks for it; without one, how many they have skipped."""

    ticket: Ticket | None
    why: UnassignedTicket | None = None
    skipped_count: int = 0


def find_next_ticket(reader: Reader, person: str, *, policy: Policy, at: datetime) -> NextTicket:
    """The best of what nobody has in the person's teams, that they are competent for and did not skip just now."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    skipped = _skipped_numbers(reader, person, since=at - SKIP_DURATION)
    rows = _unassigned_tickets(reader, teams)
    late = {number: chance for team in teams for number, chance in _breach_chances(reader, team).items()}
    known = skills_of(reader, [person], policy=policy, day=team_today(policy, teams[0] if teams else "", at))
    waiting = [
        UnassignedTicket(
            ticket.number, ticket.priority, known.level_of(person, ticket.type), late.get(ticket.number), due_at
        )
        for ticket, due_at in rows
        if ticket.number not in skipped and _has_skill(known, person, ticket)
    ]
    best = best_next_ticket(waiting, at)
    if best is None:
        return NextTicket(None, skipped_count=sum(ticket.number in skipped for ticket, _ in rows))
    return NextTicket(next(ticket for ticket, _ in rows if ticket.number == best.number), best)


def _has_skill(known: KnownSkills, person: str, ticket: Ticket) -> bool:
    return known.is_qualified(person, ticket.type)


def _unassigned_tickets(reader: Reader, teams: Sequence[str]) -> list[tuple[Ticket, datetime | None]]:
    """What nobody has, with the first due time that still runs."""
    due = (
        select(TimerRow.number, func.min(TimerRow.due_at).label("due"))
        .where(TimerRow.workspace_id == reader.workspace, TimerRow.state == TimerState.RUNNING)
        .group_by(TimerRow.number)
        .subquery()
    )
    free = select(Ticket, due.c.due).outerjoin(due, due.c.number == Ticket.number)
    mine = free.where(
        Ticket.workspace_id == reader.workspace,
        Ticket.resolved_at.is_(None),
        Ticket.team.in_(teams),
        Ticket.assignee.is_(None),
        Ticket.status == Status.NEW,
    )
    return [(ticket, at) for ticket, at in reader.session.execute(mine.order_by(Ticket.number).limit(MAX_TICKETS_READ))]


def _breach_chances(reader: Reader, team: str) -> dict[int, float]:
    """The chance that each ticket's promise breaks, by the team's newest outlook."""
    look = latest_forecast(reader, team)
    if look is None:
        return {}
    return {one.number: 1 - one.made for one in Forecast.from_json(look.outlook).chances if one.made is not None}


def _skipped_numbers(reader: Reader, person: str, *, since: datetime) -> set[int]:
    mine = select(Event.number).where(
        Event.workspace_id == reader.workspace,
        Event.at >= since,
        Event.kind == str(EventKind.SKIPPED),
        Event.by == person,
    )
    return set(reader.session.scalars(mine))
