"""Baskets: what somebody holds, who could take it, and many tickets changing hands in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from rules.forecasts.inputs import Known, still_to_do
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import ClockState
from rules.presence.presence import REACHABLE, Here, Presence
from rules.reassignment import WAITS, Item, Moved, Receiver, minutes_left
from storage.events import Happened
from storage.forecasts import known_of, learning_of
from storage.outbox.outbox import Kind, next_id
from storage.schema.people import Basket
from storage.schema.tickets import Event, Post, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction

AT_ONCE = 500
ROLES = ("receiver", "giver", "lead", "back")  # what somebody is to a basket of which they read


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket as it stands, locked for this deed."""

    number: int
    seq: int
    status: Status
    team: str
    first_line: str
    type: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A locked ticket, and how it stands afterwards."""

    was: Held
    to: str | None
    status: Status
    team: str
    remind_at: datetime | None


def holders(reader: Reader) -> list[str]:
    """Everybody who holds an open ticket."""
    held = select(Ticket.assignee).where(
        Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), Ticket.assignee.is_not(None)
    )
    return sorted(who for who in reader.session.scalars(held.distinct()) if who)


def tickets_of(reader: Reader, people: Sequence[str]) -> Sequence[Ticket]:
    """The open tickets that these people hold, oldest first."""
    theirs = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)
    )
    return reader.session.scalars(theirs.order_by(Ticket.number)).all()


def items(reader: Reader, held: Sequence[Ticket], *, policy: Policy, at: datetime) -> list[Item]:
    """These tickets as they can be dealt out: what each still takes, and whether it is near its time or past it."""
    left = minutes(reader, held, policy=policy, at=at)
    found = []
    for some in some_of(held):
        ticking = timers.of_many(reader, [ticket.number for ticket in some])
        for ticket in some:
            running = [one for one in ticking[ticket.number].values() if one.state is ClockState.RUNNING]
            overdue = any(one.due_at < at for one in running)
            found.append(
                Item(
                    number=ticket.number,
                    seq=ticket.seq,
                    type=ticket.type,
                    priority=ticket.priority,
                    teams=(ticket.team, ticket.first_line),
                    minutes=left[ticket.number],
                    due_at=min((one.due_at for one in running), default=None),
                    overdue=overdue,
                    near=not overdue and any(one.level >= 1 for one in running),
                    waits=ticket.status in WAITS,
                )
            )
    return found


def minutes(reader: Reader, held: Sequence[Ticket], *, policy: Policy, at: datetime) -> dict[int, float]:
    """The minutes of attention that each of these tickets still takes, as far as was known at that moment."""
    by_team: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        by_team[ticket.team].append(ticket)
    left: dict[int, float] = {}
    for team, tickets in by_team.items():
        known = [_until(one, at) for one in known_of(reader, tickets)]
        effort = learning_of(reader, team).effort
        left |= {number: minutes_left(*told) for number, told in still_to_do(policy, team, known, effort, at).items()}
    return left


def receivers(
    policy: Policy,
    people: Iterable[str],
    *,
    held: Sequence[Ticket],
    left: Mapping[int, float],
    here: Mapping[str, Presence],
    first: str = "",
    by_hand: bool = False,
) -> list[Receiver]:
    """These people as they can be dealt tickets; `held` are those that they hold already, `left` the minutes of each.

    A break or a meeting is no reason to give a basket to somebody else: it will wait on their desk. Who is off work
    begins tomorrow with what a person gives them; the desk gives to who is here.
    """
    able = REACHABLE | {Here.OFF} if by_hand else REACHABLE
    theirs: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        theirs[ticket.assignee or ""].append(ticket)
    return [
        Receiver(
            person=who,
            teams=frozenset(team.key for team in policy.teams.values() if who in team.people),
            here=here[who].here in able,
            room=_room(policy, who, sum(ticket.status not in WAITS for ticket in theirs[who])),
            tickets=len(theirs[who]),
            minutes=sum(left.get(ticket.number, 0.0) for ticket in theirs[who]),
            first=who == first,
        )
        for who in people
    ]


def lock(tx: Transaction, people: Iterable[str]) -> None:
    """Nobody else deals tickets to these people until this deed is saved: their room is counted once."""
    if tx.connection.dialect.name == "postgresql":
        for who in sorted(set(people)):
            key = func.hashtextextended(f"basket:{tx.workspace}:{who}", 0)
            tx.execute(select(func.pg_advisory_xact_lock(key)))


def locked(tx: Transaction, numbers: Sequence[int]) -> dict[int, Held]:
    """Those of the tickets that are open, as they stand, in the order of their numbers; nobody else changes them."""
    columns = (Ticket.number, Ticket.seq, Ticket.status, Ticket.team, Ticket.first_line, Ticket.type, Ticket.assignee)
    found: dict[int, Held] = {}
    for some in some_of(sorted(numbers)):
        those = select(*columns).where(
            Ticket.workspace_id == tx.workspace, Ticket.number.in_(some), Ticket.resolved_at.is_(None)
        )
        rows = tx.execute(those.order_by(Ticket.number).with_for_update())
        found |= {row.number: Held(*tuple(row)) for row in rows}
    return found


def give(tx: Transaction, changes: Sequence[Change]) -> None:
    """All of them change hands, those that end alike in one statement; their event counters go one on."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in changes:
        alike[one.to, one.status, one.team, one.remind_at].append(one.was.number)
    for (to, status, team, remind_at), numbers in alike.items():
        for some in some_of(numbers):
            those = update(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number.in_(some))
            ends = {"assignee": to, "status": status, "team": team, "remind_at": remind_at}
            tx.execute(those.values(seq=Ticket.seq + 1, **ends))
    tx.session.expire_all()


def keep(tx: Transaction, giver: str, *, by: str, why: str, moves: Sequence[Moved], **more: Any) -> int:
    """Remembers the basket, so that it can be undone; its id is returned."""
    basket = Basket(
        workspace_id=tx.workspace,
        id=next_id(),
        giver=giver,
        by=by,
        at=tx.now,
        why=why,
        moves={"moves": [one.plain() for one in moves], **more},
    )
    tx.session.add(basket)
    tx.flush()
    return basket.id


def moves_of(basket: Basket) -> list[Moved]:
    """What became of each of its tickets."""
    return [Moved.read(plain) for plain in basket.moves["moves"]]


def get(reader: Reader, id_: int) -> Basket | None:
    return reader.session.get(Basket, (reader.workspace, id_))


def held_back(tx: Transaction, id_: int) -> Basket | None:
    """The basket, locked, as it is now: of two who undo it one comes first."""
    found = select(Basket).where(Basket.workspace_id == tx.workspace, Basket.id == id_)
    return tx.session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()


def newest_of(reader: Reader, giver: str, *, since: datetime) -> Basket | None:
    """The last basket that was moved from this person since then; None when none was."""
    theirs = select(Basket).where(Basket.workspace_id == reader.workspace, Basket.giver == giver, Basket.at >= since)
    return reader.session.scalars(theirs.order_by(Basket.id.desc()).limit(1)).first()


def unreturned(reader: Reader, *, by: str) -> Sequence[Basket]:
    """Baskets that the desk handed over and whose giver has not been told yet what is left of them, oldest first."""
    theirs = select(Basket).where(
        Basket.workspace_id == reader.workspace,
        Basket.by == by,
        Basket.returned_at.is_(None),
        Basket.undone_at.is_(None),
    )
    return reader.session.scalars(theirs.order_by(Basket.id)).all()


def told_together(reader: Reader, basket: Basket) -> Sequence[Basket]:
    """All baskets of which their giver was told in the same message."""
    theirs = select(Basket).where(
        Basket.workspace_id == reader.workspace, Basket.giver == basket.giver, Basket.returned_at == basket.returned_at
    )
    return reader.session.scalars(theirs.order_by(Basket.id)).all()


def told_of(reader: Reader, number: int) -> Sequence[Post]:
    """The messages that stand about the basket with which this ticket was moved last; none where it never was."""
    moves = select(Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == number, Event.kind == str(Happened.HANDED)
    )
    newest = reader.session.scalars(moves.order_by(Event.seq.desc()).limit(1)).first()
    if newest is None:
        return ()
    subjects = [f"{newest['basket']}.{role}" for role in ROLES]
    those = select(Post).where(
        Post.workspace_id == reader.workspace, Post.kind == str(Kind.BASKET), Post.subject.in_(subjects)
    )
    return reader.session.scalars(those.order_by(Post.subject, Post.lane)).all()


def _until(one: Known, at: datetime) -> Known:
    return replace(one, story=tuple(moment for moment in one.story if moment.at <= at))


def _room(policy: Policy, person: str, held: int) -> int | None:
    """How many more tickets they may hold, by the least of their own capacity and their teams'."""
    own = policy.people.get(person, Availability()).capacity
    theirs = [team.capacity for team in policy.teams.values() if person in team.people]
    limits = [limit for limit in (own, *theirs) if limit is not None]
    return max(min(limits) - held, 0) if limits else None


def some_of(of: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """As many at a time as one statement may name."""
    return (of[first : first + AT_ONCE] for first in range(0, len(of), AT_ONCE))
