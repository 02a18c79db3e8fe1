"""Who could get a ticket, what is known of each of them for it, and whose turn it is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.assignment.routing import Candidate, free_slots
from rules.calendars.timezones import time_zone
from rules.model.people import PersonProfile
from rules.model.policy import AssignmentMode, Policy
from rules.presence.presence import Presence
from rules.skills import KnownSkills
from rules.workload.workload import Workload
from storage.events import EventKind
from storage.forecasts import team_estimates
from storage.presence.presence import presence_by_person
from storage.reassignment.bulk import LockedTicket
from storage.schema.people import AssignmentShares
from storage.schema.tickets import Event, Ticket
from storage.skills import skills_of
from storage.transaction import Reader, Transaction
from storage.workload import workloads


@dataclass(frozen=True, slots=True)
class AssignedShare:
    """When the desk gave somebody something last, and how many minutes of work in all."""

    last_at: datetime | None = None
    minutes: int = 0

    @classmethod
    def read(cls, plain: Any) -> "AssignedShare":  # noqa: ANN401 - as JSON keeps it; it once kept the moment alone
        if isinstance(plain, str):
            return cls(datetime.fromisoformat(plain))
        return cls(datetime.fromisoformat(plain["at"]), int(plain["minutes"]))


NO_SHARE = AssignedShare()
REASON_UNANSWERED, REASON_ABSENT = "unanswered", "absent"  # why the desk took back what it gave
MAX_RESOLVED_READ = 2000  # so many of the newest resolved tickets are looked through for the same customer


@dataclass(frozen=True, slots=True)
class AssignmentPool:
    """The people of a team as far as it matters for any ticket: until one of them is given something."""

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
    """Where each of them is, what they know and what they hold."""
    local = at.astimezone(time_zone(policy.team_calendar(team).timezone)).date()
    return AssignmentPool(
        people,
        presence_by_person(reader, people, policy=policy, team=team, at=at),
        skills_of(reader, people, policy=policy, day=local),
        workloads(reader, people, policy=policy, at=at),
        shares or {},
    )


def assignment_candidates(reader: Reader, ticket: Ticket, pool: AssignmentPool, *, policy: Policy) -> list[Candidate]:
    """Each of these people as far as it matters for this ticket, in the same order."""
    team, known, held = policy.team(ticket.team), pool.skills, pool.workloads
    solver, passed = last_resolver(reader, ticket), people_who_passed(reader, ticket)
    return [
        Candidate(
            person=who,
            presence=pool.presences[who],
            level=known.level_of(who, ticket.type),
            is_qualified=known.is_qualified(who, ticket.type),
            minutes=held[who].minutes,
            open_tickets=len(held[who].items),
            free_slots=free_slots(team, policy.people.get(who, PersonProfile()), active_ticket_count(held[who])),
            knows_requester=who == solver,
            last_assigned_at=pool.shares.get(who, NO_SHARE).last_at,
            assigned_minutes=pool.shares.get(who, NO_SHARE).minutes,
            has_passed=who in passed,
        )
        for who in pool.people
    ]


def active_ticket_count(load: Workload) -> int:
    """How many tickets count against what somebody may hold: what waits for others does not."""
    return len(load.workable_items)


def last_resolver(reader: Reader, ticket: Ticket) -> str | None:
    """Who resolved the last ticket of this type for the same customer, or for the same person where none is named."""
    done = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_not(None))
    if ticket.customer:
        newest = done.order_by(Ticket.resolved_at.desc()).limit(MAX_RESOLVED_READ).subquery()
        same = (newest.c.customer == ticket.customer, newest.c.type == ticket.type)
        return reader.session.scalars(
            select(newest.c.resolved_by).where(*same).order_by(newest.c.resolved_at.desc()).limit(1)
        ).first()
    same_asker = (Ticket.requester == ticket.requester, Ticket.type == ticket.type, Ticket.customer.is_(None))
    found = done.where(*same_asker).order_by(Ticket.number.desc()).limit(1)
    return reader.session.scalars(found.with_only_columns(Ticket.resolved_by)).first()


def people_who_passed(reader: Reader, ticket: Ticket) -> set[str]:
    """Those who passed this ticket, or left it unanswered; a new one nobody has passed."""
    if ticket.seq <= 1:
        return set()
    mine = select(Event.by, Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == ticket.number, Event.kind == str(EventKind.PASSED)
    )
    return {str(data.get("from", by)) for by, data in reader.session.execute(mine) if data.get("why") != REASON_ABSENT}


def lock_shares(tx: Transaction, team: str) -> dict[str, AssignedShare]:
    """What each of the team was given. The row stays locked: of two who give for one team, one waits."""
    made = {"workspace_id": tx.workspace, "team": team, "turns": {}}
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(AssignmentShares).values(made).on_conflict_do_nothing())
    row = tx.session.scalars(_select_shares(tx, team).with_for_update().execution_options(populate_existing=True)).one()
    return {who: AssignedShare.read(plain) for who, plain in row.turns.items()}


def add_to_share(tx: Transaction, ticket: Ticket, person: str) -> None:
    """The desk gave this person this ticket just now: so much work, as its type is expected to take."""
    _adjust_share(tx, ticket, person, 1)


def subtract_from_share(tx: Transaction, ticket: Ticket, person: str) -> None:
    """The person did not take it on: it was no work for them."""
    _adjust_share(tx, ticket, person, -1)


def move_shares(tx: Transaction, moved: Sequence[tuple[LockedTicket, str | None]]) -> None:
    """The desk took these tickets from whoever held them and gave them to others: so is the work counted."""
    for team in {held.team for held, _ in moved}:
        work_of, more = _expected_minutes(tx, team), Counter[str]()
        for held, to in moved:
            if held.team == team:
                more[held.assignee or ""] -= work_of(held.type)
                more[to or ""] += work_of(held.type)
        _add_minutes(tx, team, {who: minutes for who, minutes in more.items() if who})


def _adjust_share(tx: Transaction, ticket: Ticket, person: str, sign: int) -> None:
    _add_minutes(tx, ticket.team, {person: sign * _expected_minutes(tx, ticket.team)(ticket.type)})


def _expected_minutes(tx: Transaction, team: str) -> Callable[[str], int]:
    effort = team_estimates(tx, team).handling_time
    return lambda kind: round(effort.estimate_for(kind).median_s / 60)


def _add_minutes(tx: Transaction, team: str, more: Mapping[str, int]) -> None:
    """Minutes that were given, or not after all; a team in which the desk never gave anything counts none."""
    row = tx.session.scalars(_select_shares(tx, team)).one_or_none()
    if row is None:
        return
    before = {who: AssignedShare.read(row.turns[who]) if who in row.turns else NO_SHARE for who in more}
    row.turns = row.turns | {
        who: {
            "at": (tx.now if minutes > 0 else before[who].last_at or tx.now).isoformat(),
            "minutes": max(0, before[who].minutes + minutes),
        }
        for who, minutes in more.items()
    }


def numbers_to_route(reader: Reader, *, policy: Policy, limit: int, after: int = 0) -> Sequence[int]:
    """Unassigned tickets that the desk itself gives to somebody, the oldest first."""
    by_desk = [key for key, team in policy.teams.items() if team.assignment_mode is not AssignmentMode.BY_HAND]
    of_types = [key for key, kind in policy.types.items() if kind.assignment_mode not in (None, AssignmentMode.BY_HAND)]
    by_hand = [key for key, kind in policy.types.items() if kind.assignment_mode is AssignmentMode.BY_HAND]
    if not (by_desk or of_types):
        return ()
    free = select(Ticket.number).where(
        Ticket.workspace_id == reader.workspace,
        Ticket.resolved_at.is_(None),
        Ticket.assignee.is_(None),
        Ticket.number > after,
        (Ticket.team.in_(by_desk) & Ticket.type.not_in(by_hand)) | Ticket.type.in_(of_types),
    )
    return reader.session.scalars(free.order_by(Ticket.number).limit(limit)).all()


def _select_shares(tx: Transaction, team: str) -> Select[AssignmentShares]:
    return select(AssignmentShares).where(AssignmentShares.workspace_id == tx.workspace, AssignmentShares.team == team)
