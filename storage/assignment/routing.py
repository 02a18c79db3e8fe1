"""Routing: the candidates for a ticket, and how much work the desk has assigned to each."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from rules.assignment.routing import Candidate, free_slots
from rules.calendars.timezones import local_date
from rules.model.people import PersonProfile
from rules.model.policy import AssignmentMode, Policy
from rules.presence.presence import Presence
from rules.skills import KnownSkills
from rules.workload.workload import Workload
from storage.events import EventKind
from storage.forecasts import team_handling_time
from storage.presence.presence import presence_by_person
from storage.reassignment.bulk import LockedTicket
from storage.schema.people import AssignmentShares
from storage.schema.tickets import Event, Ticket
from storage.skills import skills_of
from storage.transaction import Reader, Transaction, all_where, insert_if_absent, select_where
from storage.workload import workloads


@dataclass(frozen=True, slots=True)
class AssignedShare:
    """When the desk last assigned a ticket to this person, and how many minutes of work it has assigned in all."""

    last_at: datetime | None = None
    minutes: int = 0

    @classmethod
    def read(cls, stored: Any) -> "AssignedShare":  # noqa: ANN401 - as JSON keeps it; it once kept the moment alone
        if isinstance(stored, str):
            return cls(datetime.fromisoformat(stored))
        return cls(datetime.fromisoformat(stored["at"]), int(stored["minutes"]))


NO_SHARE = AssignedShare()
REASON_UNANSWERED, REASON_ABSENT = "unanswered", "absent"  # why the desk withdrew an offer; stored in the event
MAX_RESOLVED_READ = 2000  # the latest resolved tickets that are searched for the same customer


@dataclass(frozen=True, slots=True)
class AssignmentPool:
    """The people of a team with what matters for every ticket; valid until the desk assigns one of them a ticket."""

    people: Sequence[str]
    presences: Mapping[str, Presence]
    skills: KnownSkills
    workloads: Mapping[str, Workload]
    shares: Mapping[str, AssignedShare]


def assignment_pool(
    reader: Reader,
    team: str,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    shares: Mapping[str, AssignedShare] | None = None,
) -> AssignmentPool:
    local = local_date(at, policy.team_calendar(team).timezone)
    return AssignmentPool(
        people,
        presence_by_person(reader, people, policy=policy, team=team, at=at),
        skills_of(reader, people, policy=policy, day=local),
        workloads(reader, people, policy=policy, at=at),
        shares or {},
    )


def assignment_candidates(reader: Reader, ticket: Ticket, pool: AssignmentPool, *, policy: Policy) -> list[Candidate]:
    team, skills, workload_of = policy.team(ticket.team), pool.skills, pool.workloads
    resolver, passed_by = last_resolver(reader, ticket), people_who_passed(reader, ticket)
    return [
        Candidate(
            person=person,
            presence=pool.presences[person],
            level=skills.level_of(person, ticket.type),
            is_qualified=skills.is_qualified(person, ticket.type),
            minutes=workload_of[person].minutes,
            open_tickets=workload_of[person].open_count,
            free_slots=free_slots(team, policy.people.get(person, PersonProfile()), workload_of[person].workable_count),
            knows_requester=person == resolver,
            last_assigned_at=pool.shares.get(person, NO_SHARE).last_at,
            assigned_minutes=pool.shares.get(person, NO_SHARE).minutes,
            has_passed=person in passed_by,
        )
        for person in pool.people
    ]


def last_resolver(reader: Reader, ticket: Ticket) -> str | None:
    """The person who resolved the last ticket of this type for the same customer, or without one the same requester."""
    resolved = select_where(reader, Ticket, Ticket.resolved_at.is_not(None))
    if ticket.customer:
        newest = resolved.order_by(Ticket.resolved_at.desc()).limit(MAX_RESOLVED_READ).subquery()
        same = (newest.c.customer == ticket.customer, newest.c.type == ticket.type)
        return reader.session.scalars(
            select(newest.c.resolved_by).where(*same).order_by(newest.c.resolved_at.desc()).limit(1)
        ).first()
    same_asker = (Ticket.requester == ticket.requester, Ticket.type == ticket.type, Ticket.customer.is_(None))
    query = resolved.where(*same_asker).order_by(Ticket.number.desc()).limit(1)
    return reader.session.scalars(query.with_only_columns(Ticket.resolved_by)).first()


def people_who_passed(reader: Reader, ticket: Ticket) -> set[str]:
    """People who passed this ticket back or left it unanswered; for an absence it is not counted."""
    if ticket.seq <= 1:
        return set()
    query = select(Event.by, Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == ticket.number, Event.kind == str(EventKind.PASSED)
    )
    return {str(data.get("from", by)) for by, data in reader.session.execute(query) if data.get("why") != REASON_ABSENT}


def lock_shares(tx: Transaction, team: str) -> dict[str, AssignedShare]:
    """The shares of the team's members. The row stays locked, so that routing for one team happens one at a time."""
    insert_if_absent(tx, AssignmentShares, team=team, turns={})
    row = tx.session.scalars(_select_shares(tx, team).with_for_update().execution_options(populate_existing=True)).one()
    return {person: AssignedShare.read(stored) for person, stored in row.turns.items()}


def add_to_share(tx: Transaction, ticket: Ticket, person: str) -> None:
    _adjust_share(tx, ticket, person, 1)


def subtract_from_share(tx: Transaction, ticket: Ticket, person: str) -> None:
    _adjust_share(tx, ticket, person, -1)


def move_shares(tx: Transaction, moved: Sequence[tuple[LockedTicket, str | None]]) -> None:
    for team in {ticket.team for ticket, _ in moved}:
        expected, minutes_by_person = _expected_minutes(tx, team), Counter[str]()
        for ticket, receiver in moved:
            if ticket.team == team:
                minutes_by_person[ticket.assignee or ""] -= expected(ticket.type)
                minutes_by_person[receiver or ""] += expected(ticket.type)
        _add_minutes(tx, team, {person: minutes for person, minutes in minutes_by_person.items() if person})


def _adjust_share(tx: Transaction, ticket: Ticket, person: str, sign: int) -> None:
    _add_minutes(tx, ticket.team, {person: sign * _expected_minutes(tx, ticket.team)(ticket.type)})


def _expected_minutes(tx: Transaction, team: str) -> Callable[[str], int]:
    handling_time = team_handling_time(tx, team)
    return lambda type_key: round(handling_time.estimate_for(type_key).median_s / 60)


def _add_minutes(tx: Transaction, team: str, minutes_by_person: Mapping[str, int]) -> None:
    """Minutes may be negative. A team without a row has never been routed and counts nothing."""
    row = tx.session.scalars(_select_shares(tx, team)).one_or_none()
    if row is None:
        return
    shares = {
        person: AssignedShare.read(row.turns[person]) if person in row.turns else NO_SHARE
        for person in minutes_by_person
    }
    row.turns = row.turns | {
        person: {
            "at": (tx.now if minutes > 0 else shares[person].last_at or tx.now).isoformat(),
            "minutes": max(0, shares[person].minutes + minutes),
        }
        for person, minutes in minutes_by_person.items()
    }


def numbers_to_route(reader: Reader, *, policy: Policy, limit: int, after: int = 0) -> Sequence[int]:
    modes = {key: ticket_type.assignment_mode for key, ticket_type in policy.types.items()}
    teams = [key for key, team in policy.teams.items() if team.assignment_mode is not AssignmentMode.BY_HAND]
    types = [key for key, mode in modes.items() if mode not in (None, AssignmentMode.BY_HAND)]
    manual_types = [key for key, mode in modes.items() if mode is AssignmentMode.BY_HAND]
    if not (teams or types):
        return ()
    is_unassigned = (Ticket.resolved_at.is_(None), Ticket.assignee.is_(None), Ticket.number > after)
    is_routed = (Ticket.team.in_(teams) & Ticket.type.not_in(manual_types)) | Ticket.type.in_(types)
    return all_where(reader, Ticket.number, *is_unassigned, is_routed, order_by=Ticket.number, limit=limit)


def _select_shares(tx: Transaction, team: str) -> Select[AssignmentShares]:
    return select_where(tx, AssignmentShares, AssignmentShares.team == team)
