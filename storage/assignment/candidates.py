"""Who could be given a ticket, the best first, and which ticket somebody could take next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_

from rules.assignment.next_ticket import Waiting, next_best
from rules.assignment.routing import Candidate, in_order
from rules.forecasts.forecasts import Outlook
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import ClockState
from rules.presence.presence import Here
from rules.skills import Competences
from storage.assignment.routing import candidates, pool_of
from storage.events import Happened
from storage.forecasts import look_of
from storage.people.people import find, names
from storage.schema.tickets import Clock, Event, Ticket
from storage.skills import competences, today
from storage.transaction import Reader

AT_ONCE = 500
GIVEN = (Happened.ASSIGNED, Happened.HANDED)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody who could be given it, the best first, with their names, and the reader's time zone."""

    people: Sequence[Candidate]
    names: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    def name(self, who: str) -> str:
        return self.names.get(who, who)


def choices(
    reader: Reader,
    ticket: Ticket,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    viewer: str,
) -> Choices:
    """Those of them who have not left: who could begin now first, who is not competent or not here last."""
    pool = pool_of(reader, ticket.team, people, policy=policy, at=at)
    found = candidates(reader, ticket, pool, policy=policy)
    still_here = in_order(one for one in found if one.presence.here is not Here.GONE)
    known = find(reader, viewer)
    zone = known.tz if known is not None else policy.calendar_of(ticket.team).timezone
    return Choices(still_here, names(reader, [one.person for one in still_here]), zone)


def given_last(reader: Reader, numbers: Sequence[int]) -> dict[int, Event]:
    """The event by which each of these tickets, which somebody was given, came to them."""
    found: dict[int, Event] = {}
    for first in range(0, len(numbers), AT_ONCE):
        newest = (
            select(Event.number, func.max(Event.seq))
            .where(
                Event.workspace_id == reader.workspace,
                Event.number.in_(numbers[first : first + AT_ONCE]),
                Event.kind.in_(map(str, GIVEN)),
            )
            .group_by(Event.number)
        )
        those = select(Event).where(Event.workspace_id == reader.workspace, tuple_(Event.number, Event.seq).in_(newest))
        found |= {event.number: event for event in reader.session.scalars(those)}
    return found


SKIPPED_FOR = timedelta(hours=8)  # so long a skipped ticket is not shown to the same person
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Next:
    """The ticket that somebody should take next and what speaks for it; without one, how many they have skipped."""

    ticket: Ticket | None
    why: Waiting | None = None
    skipped: int = 0


def next_of(reader: Reader, person: str, *, policy: Policy, at: datetime) -> Next:
    """The best of what nobody has in the person's teams, that they are competent for and did not skip just now."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    skipped = _skipped(reader, person, since=at - SKIPPED_FOR)
    rows = _free(reader, teams)
    late = {number: chance for team in teams for number, chance in _late(reader, team).items()}
    known = competences(reader, [person], policy=policy, day=today(policy, teams[0] if teams else "", at))
    waiting = [
        Waiting(ticket.number, ticket.priority, known.level(person, ticket.type), late.get(ticket.number), due_at)
        for ticket, due_at in rows
        if ticket.number not in skipped and _may_take(known, person, ticket)
    ]
    best = next_best(waiting, at)
    if best is None:
        return Next(None, skipped=sum(ticket.number in skipped for ticket, _ in rows))
    return Next(next(ticket for ticket, _ in rows if ticket.number == best.number), best)


def _may_take(known: Competences, person: str, ticket: Ticket) -> bool:
    return known.fits(person, ticket.type)


def _free(reader: Reader, teams: Sequence[str]) -> list[tuple[Ticket, datetime | None]]:
    """What nobody has, with the first due time that still runs."""
    due = (
        select(Clock.number, func.min(Clock.due_at).label("due"))
        .where(Clock.workspace_id == reader.workspace, Clock.state == ClockState.RUNNING)
        .group_by(Clock.number)
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
    return [(ticket, at) for ticket, at in reader.session.execute(mine.order_by(Ticket.number).limit(LOOKED_AT))]


def _late(reader: Reader, team: str) -> dict[int, float]:
    """The chance that each ticket's promise breaks, by the team's newest outlook."""
    look = look_of(reader, team)
    if look is None:
        return {}
    return {one.number: 1 - one.made for one in Outlook.read(look.outlook).chances if one.made is not None}


def _skipped(reader: Reader, person: str, *, since: datetime) -> set[int]:
    mine = select(Event.number).where(
        Event.workspace_id == reader.workspace,
        Event.at >= since,
        Event.kind == str(Happened.SKIPPED),
        Event.by == person,
    )
    return set(reader.session.scalars(mine))
