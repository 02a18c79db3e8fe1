"""Candidates for a ticket, the best first, and the ticket a person could take next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, tuple_

from rules.assignment.next_ticket import UnassignedTicket, best_next_ticket
from rules.assignment.routing import Candidate, rank_candidates
from rules.calendars.timezones import local_date
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.presence.presence import PresenceStatus
from storage.assignment.routing import assignment_candidates, assignment_pool
from storage.database import in_chunks
from storage.events import EventKind
from storage.forecasts import forecast_of, latest_forecast
from storage.people.people import find_person, names_of
from storage.schema.tickets import Event, Ticket
from storage.skills import skills_of
from storage.sla import timers
from storage.transaction import Reader, all_where, select_where

ASSIGNING_EVENTS = (EventKind.ASSIGNED, EventKind.REASSIGNED)


@dataclass(frozen=True, slots=True)
class AssigneeChoices:
    """The candidates for a ticket, the best first, with their names and the time zone of the person who chooses."""

    candidates: Sequence[Candidate]
    names: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"

    def name_of(self, person: str) -> str:
        return self.names.get(person, person)


def assignee_choices(
    reader: Reader, ticket: Ticket, people: Sequence[str], *, policy: Policy, at: datetime, viewer: str
) -> AssigneeChoices:
    """People who have left are not among them; those without the skill, or who are away, come last."""
    pool = assignment_pool(reader, ticket.team, people, policy=policy, at=at)
    candidates = assignment_candidates(reader, ticket, pool, policy=policy)
    present = rank_candidates(
        candidate for candidate in candidates if candidate.presence.status is not PresenceStatus.GONE
    )
    profile = find_person(reader, viewer)
    zone = profile.tz if profile is not None else policy.team_calendar(ticket.team).timezone
    return AssigneeChoices(present, names_of(reader, [candidate.person for candidate in present]), zone)


def latest_assignments(reader: Reader, numbers: Sequence[int]) -> dict[int, Event]:
    assignments: dict[int, Event] = {}
    for chunk in in_chunks(numbers):
        is_assignment = (Event.number.in_(chunk), Event.kind.in_(map(str, ASSIGNING_EVENTS)))
        latest = select_where(reader, Event, *is_assignment).with_only_columns(Event.number, func.max(Event.seq))
        query = select_where(reader, Event, tuple_(Event.number, Event.seq).in_(latest.group_by(Event.number)))
        assignments |= {event.number: event for event in reader.session.scalars(query)}
    return assignments


SKIP_DURATION = timedelta(hours=8)  # a skipped ticket is not shown to the same person again for this time
MAX_TICKETS_READ = 1000


@dataclass(frozen=True, slots=True)
class NextTicket:
    """The ticket that the person should take next and why; without one, how many they have skipped."""

    ticket: Ticket | None
    why: UnassignedTicket | None = None
    skipped_count: int = 0


def find_next_ticket(reader: Reader, person: str, *, policy: Policy, at: datetime) -> NextTicket:
    """The best unassigned ticket of the person's teams that they have the skill for and did not skip lately."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    skipped = _skipped_numbers(reader, person, since=at - SKIP_DURATION)
    rows = _unassigned_tickets(reader, teams)
    breach_chances = {number: chance for team in teams for number, chance in _breach_chances(reader, team).items()}
    day = local_date(at, policy.team_calendar(teams[0] if teams else "").timezone)
    skills = skills_of(reader, [person], policy=policy, day=day)
    candidates = [
        UnassignedTicket(number, ticket.priority, level, breach_chances.get(number), due_at)
        for ticket, due_at in rows
        for number, level in [(ticket.number, skills.level_of(person, ticket.type))]
        if number not in skipped and skills.is_qualified(person, ticket.type)
    ]
    best = best_next_ticket(candidates, at)
    if best is None:
        return NextTicket(None, skipped_count=sum(ticket.number in skipped for ticket, _ in rows))
    return NextTicket(next(ticket for ticket, _ in rows if ticket.number == best.number), best)


def _unassigned_tickets(reader: Reader, teams: Sequence[str]) -> list[tuple[Ticket, datetime | None]]:
    due = timers.select_due_times(reader).subquery()
    query = (
        select(Ticket, due.c.due)
        .outerjoin(due, due.c.number == Ticket.number)
        .where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None))
        .where(Ticket.team.in_(teams), Ticket.assignee.is_(None), Ticket.status == Status.NEW)
    )
    rows = reader.session.execute(query.order_by(Ticket.number).limit(MAX_TICKETS_READ))
    return [(ticket, due_at) for ticket, due_at in rows]


def _breach_chances(reader: Reader, team: str) -> dict[int, float]:
    """By ticket, the chance that its resolution SLA is breached, from the team's latest forecast."""
    forecast = latest_forecast(reader, team)
    if forecast is None:
        return {}
    return {chance.number: 1 - chance.made for chance in forecast_of(forecast).chances if chance.made is not None}


def _skipped_numbers(reader: Reader, person: str, *, since: datetime) -> set[int]:
    is_skip = (Event.kind == str(EventKind.SKIPPED), Event.by == person)
    return set(all_where(reader, Event.number, Event.at >= since, *is_skip))
