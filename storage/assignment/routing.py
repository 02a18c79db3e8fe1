"""Who could get a ticket, what is known of each of them for it, and whose turn it is."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.assignment.routing import Candidate, room
from rules.calendars.timezones import zone
from rules.model.people import Availability
from rules.model.policy import Assigning, Policy
from rules.presence.presence import Presence
from rules.skills import Competences
from rules.workload.workload import Load
from storage.events import Happened
from storage.forecasts import learning_of
from storage.presence.presence import presences
from storage.reassignment.bulk import Held
from storage.schema.people import Turn
from storage.schema.tickets import Event, Ticket
from storage.skills import competences
from storage.transaction import Reader, Transaction
from storage.workload import loads


@dataclass(frozen=True, slots=True)
class Given:
    """When the desk gave somebody something last, and how many minutes of work in all."""

    at: datetime | None = None
    minutes: int = 0

    @classmethod
    def read(cls, plain: Any) -> "Given":  # noqa: ANN401 - as JSON keeps it; it once kept the moment alone
        if isinstance(plain, str):
            return cls(datetime.fromisoformat(plain))
        return cls(datetime.fromisoformat(plain["at"]), int(plain["minutes"]))


NOTHING = Given()
UNANSWERED, ABSENT = "unanswered", "absent"  # why the desk took back what it gave
LOOKED_AT = 2000  # so many of the newest resolved tickets are looked through for the same customer


@dataclass(frozen=True, slots=True)
class Pool:
    """The people of a team as far as it matters for any ticket: until one of them is given something."""

    people: Sequence[str]
    here: Mapping[str, Presence]
    known: Competences
    held: Mapping[str, Load]
    turns: Mapping[str, Given]


def pool_of(
    reader: Reader,
    team: str,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    turns: Mapping[str, Given] | None = None,
) -> Pool:
    """Where each of them is, what they know and what they hold."""
    local = at.astimezone(zone(policy.calendar_of(team).timezone)).date()
    return Pool(
        people,
        presences(reader, people, policy=policy, team=team, at=at),
        competences(reader, people, policy=policy, day=local),
        loads(reader, people, policy=policy, at=at),
        turns or {},
    )


def candidates(reader: Reader, ticket: Ticket, pool: Pool, *, policy: Policy) -> list[Candidate]:
    """Each of these people as far as it matters for this ticket, in the same order."""
    team, known, held = policy.team(ticket.team), pool.known, pool.held
    solver, passed = solved_last(reader, ticket), who_passed(reader, ticket)
    return [
        Candidate(
            person=who,
            presence=pool.here[who],
            level=known.level(who, ticket.type),
            fits=known.fits(who, ticket.type),
            minutes=held[who].minutes,
            open=len(held[who].items),
            room=room(team, policy.people.get(who, Availability()), taken(held[who])),
            knows_asker=who == solver,
            turn=pool.turns.get(who, NOTHING).at,
            given=pool.turns.get(who, NOTHING).minutes,
            passed=who in passed,
        )
        for who in pool.people
    ]


def taken(load: Load) -> int:
    """How many tickets count against what somebody may hold: what waits for others does not."""
    return len(load.at_hand)


def solved_last(reader: Reader, ticket: Ticket) -> str | None:
    """Who resolved the last ticket of this type for the same customer, or for the same person where none is named."""
    done = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_not(None))
    if ticket.customer:
        newest = done.order_by(Ticket.resolved_at.desc()).limit(LOOKED_AT).subquery()
        same = (newest.c.customer == ticket.customer, newest.c.type == ticket.type)
        return reader.session.scalars(
            select(newest.c.resolved_by).where(*same).order_by(newest.c.resolved_at.desc()).limit(1)
        ).first()
    same_asker = (Ticket.requester == ticket.requester, Ticket.type == ticket.type, Ticket.customer.is_(None))
    found = done.where(*same_asker).order_by(Ticket.number.desc()).limit(1)
    return reader.session.scalars(found.with_only_columns(Ticket.resolved_by)).first()


def who_passed(reader: Reader, ticket: Ticket) -> set[str]:
    """Those who passed this ticket, or left it unanswered; a new one nobody has passed."""
    if ticket.seq <= 1:
        return set()
    mine = select(Event.by, Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == ticket.number, Event.kind == str(Happened.PASSED)
    )
    return {str(data.get("from", by)) for by, data in reader.session.execute(mine) if data.get("why") != ABSENT}


def turns_of(tx: Transaction, team: str) -> dict[str, Given]:
    """What each of the team was given. The row stays locked: of two who give for one team, one waits."""
    made = {"workspace_id": tx.workspace, "team": team, "turns": {}}
    dialect = postgresql if tx.connection.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(Turn).values(made).on_conflict_do_nothing())
    row = tx.session.scalars(_turn(tx, team).with_for_update().execution_options(populate_existing=True)).one()
    return {who: Given.read(plain) for who, plain in row.turns.items()}


def keep_turn(tx: Transaction, ticket: Ticket, person: str) -> None:
    """The desk gave this person this ticket just now: so much work, as its type is expected to take."""
    _count(tx, ticket, person, 1)


def give_turn_back(tx: Transaction, ticket: Ticket, person: str) -> None:
    """The person did not take it on: it was no work for them."""
    _count(tx, ticket, person, -1)


def count_moved(tx: Transaction, moved: Sequence[tuple[Held, str | None]]) -> None:
    """The desk took these tickets from whoever held them and gave them to others: so is the work counted."""
    for team in {held.team for held, _ in moved}:
        work_of, more = _minutes(tx, team), Counter[str]()
        for held, to in moved:
            if held.team == team:
                more[held.assignee or ""] -= work_of(held.type)
                more[to or ""] += work_of(held.type)
        _add(tx, team, {who: minutes for who, minutes in more.items() if who})


def _count(tx: Transaction, ticket: Ticket, person: str, sign: int) -> None:
    _add(tx, ticket.team, {person: sign * _minutes(tx, ticket.team)(ticket.type)})


def _minutes(tx: Transaction, team: str) -> Callable[[str], int]:
    effort = learning_of(tx, team).effort
    return lambda kind: round(effort.of(kind).median_s / 60)


def _add(tx: Transaction, team: str, more: Mapping[str, int]) -> None:
    """Minutes that were given, or not after all; a team in which the desk never gave anything counts none."""
    row = tx.session.scalars(_turn(tx, team)).one_or_none()
    if row is None:
        return
    before = {who: Given.read(row.turns[who]) if who in row.turns else NOTHING for who in more}
    row.turns = row.turns | {
        who: {
            "at": (tx.now if minutes > 0 else before[who].at or tx.now).isoformat(),
            "minutes": max(0, before[who].minutes + minutes),
        }
        for who, minutes in more.items()
    }


def waiting(reader: Reader, *, policy: Policy, limit: int, after: int = 0) -> Sequence[int]:
    """Unassigned tickets that the desk itself gives to somebody, the oldest first."""
    by_desk = [key for key, team in policy.teams.items() if team.assigning is not Assigning.BY_HAND]
    of_types = [key for key, kind in policy.types.items() if kind.assigning not in (None, Assigning.BY_HAND)]
    by_hand = [key for key, kind in policy.types.items() if kind.assigning is Assigning.BY_HAND]
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


def _turn(tx: Transaction, team: str) -> Select[Turn]:
    return select(Turn).where(Turn.workspace_id == tx.workspace, Turn.team == team)
