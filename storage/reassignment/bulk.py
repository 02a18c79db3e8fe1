"""Baskets: what somebody holds, who could take it, and many tickets changing hands in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from rules.forecasts.inputs import TicketHistory, remaining_work
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.model.timers import TimerState
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from rules.reassignment import WAITING_STATUSES, CompletedMove, MovableTicket, Receiver, remaining_minutes
from storage.events import EventKind
from storage.forecasts import team_estimates, ticket_histories
from storage.outbox.outbox import MessageKind, next_id
from storage.schema.people import BulkReassignment
from storage.schema.tickets import Event, MessageReference, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction

NUMBERS_PER_QUERY = 500
RECIPIENT_ROLES = ("receiver", "giver", "lead", "back")  # what somebody is to a basket of which they read


@dataclass(frozen=True, slots=True)
class LockedTicket:
    """A ticket as it stands, locked for this deed."""

    number: int
    seq: int
    status: Status
    team: str
    first_line: str
    type: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A locked ticket, and how it stands afterwards."""

    before: LockedTicket
    assignee: str | None
    status: Status
    team: str
    remind_at: datetime | None


def people_with_open_tickets(reader: Reader) -> list[str]:
    """Everybody who holds an open ticket."""
    held = select(Ticket.assignee).where(
        Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), Ticket.assignee.is_not(None)
    )
    return sorted(who for who in reader.session.scalars(held.distinct()) if who)


def open_tickets_of(reader: Reader, people: Sequence[str]) -> Sequence[Ticket]:
    """The open tickets that these people hold, oldest first."""
    theirs = select(Ticket).where(
        Ticket.workspace_id == reader.workspace, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None)
    )
    return reader.session.scalars(theirs.order_by(Ticket.number)).all()


def build_items(reader: Reader, held: Sequence[Ticket], *, policy: Policy, at: datetime) -> list[MovableTicket]:
    """These tickets as they can be dealt out: what each still takes, and whether it is near its time or past it."""
    left = minutes_left_by_ticket(reader, held, policy=policy, at=at)
    found = []
    for some in in_chunks(held):
        ticking = timers.timers_by_ticket(reader, [ticket.number for ticket in some])
        for ticket in some:
            running = [one for one in ticking[ticket.number].values() if one.state is TimerState.RUNNING]
            overdue = any(one.due_at < at for one in running)
            found.append(
                MovableTicket(
                    number=ticket.number,
                    seq=ticket.seq,
                    type=ticket.type,
                    priority=ticket.priority,
                    teams=(ticket.team, ticket.first_line),
                    minutes=left[ticket.number],
                    due_at=min((one.due_at for one in running), default=None),
                    overdue=overdue,
                    due_soon=not overdue and any(one.alert_level >= 1 for one in running),
                    is_waiting=ticket.status in WAITING_STATUSES,
                )
            )
    return found


def minutes_left_by_ticket(reader: Reader, held: Sequence[Ticket], *, policy: Policy, at: datetime) -> dict[int, float]:
    """The minutes of attention that each of these tickets still takes, as far as was known at that moment."""
    by_team: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        by_team[ticket.team].append(ticket)
    left: dict[int, float] = {}
    for team, tickets in by_team.items():
        known = [_known_until(one, at) for one in ticket_histories(reader, tickets)]
        effort = team_estimates(reader, team).handling_time
        left |= {
            number: remaining_minutes(*told) for number, told in remaining_work(policy, team, known, effort, at).items()
        }
    return left


def build_receivers(
    policy: Policy,
    people: Iterable[str],
    *,
    held: Sequence[Ticket],
    left: Mapping[int, float],
    presences: Mapping[str, Presence],
    first: str = "",
    by_hand: bool = False,
) -> list[Receiver]:
    """These people as they can be dealt tickets; `held` are those that they hold already, `left` the minutes of each.

    A break or a meeting is no reason to give a basket to somebody else: it will wait on their desk. Who is off work
    begins tomorrow with what a person gives them; the desk gives to who is here.
    """
    able = REACHABLE_STATUSES | {PresenceStatus.OFF} if by_hand else REACHABLE_STATUSES
    theirs: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in held:
        theirs[ticket.assignee or ""].append(ticket)
    return [
        Receiver(
            person=who,
            teams=frozenset(team.key for team in policy.teams.values() if who in team.people),
            is_here=presences[who].status in able,
            free_slots=_remaining_capacity(
                policy, who, sum(ticket.status not in WAITING_STATUSES for ticket in theirs[who])
            ),
            tickets=len(theirs[who]),
            minutes=sum(left.get(ticket.number, 0.0) for ticket in theirs[who]),
            goes_first=who == first,
        )
        for who in people
    ]


def lock_people(tx: Transaction, people: Iterable[str]) -> None:
    """Nobody else deals tickets to these people until this deed is saved: their room is counted once."""
    if tx.connection.dialect.name == "postgresql":
        for who in sorted(set(people)):
            key = func.hashtextextended(f"basket:{tx.workspace}:{who}", 0)
            tx.execute(select(func.pg_advisory_xact_lock(key)))


def lock_open_tickets(tx: Transaction, numbers: Sequence[int]) -> dict[int, LockedTicket]:
    """Those of the tickets that are open, as they stand, in the order of their numbers; nobody else changes them."""
    columns = (Ticket.number, Ticket.seq, Ticket.status, Ticket.team, Ticket.first_line, Ticket.type, Ticket.assignee)
    found: dict[int, LockedTicket] = {}
    for some in in_chunks(sorted(numbers)):
        those = select(*columns).where(
            Ticket.workspace_id == tx.workspace, Ticket.number.in_(some), Ticket.resolved_at.is_(None)
        )
        rows = tx.execute(those.order_by(Ticket.number).with_for_update())
        found |= {row.number: LockedTicket(*tuple(row)) for row in rows}
    return found


def write_changes(tx: Transaction, changes: Sequence[TicketChange]) -> None:
    """All of them change hands, those that end alike in one statement; their event counters go one on."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in changes:
        alike[one.assignee, one.status, one.team, one.remind_at].append(one.before.number)
    for (to, status, team, remind_at), numbers in alike.items():
        for some in in_chunks(numbers):
            those = update(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number.in_(some))
            ends = {"assignee": to, "status": status, "team": team, "remind_at": remind_at}
            tx.execute(those.values(seq=Ticket.seq + 1, **ends))
    tx.session.expire_all()


def save_reassignment(
    tx: Transaction, giver: str, *, by: str, why: str, moves: Sequence[CompletedMove], **more: Any
) -> int:
    """Remembers the basket, so that it can be undone; its id is returned."""
    basket = BulkReassignment(
        workspace_id=tx.workspace,
        id=next_id(),
        giver=giver,
        by=by,
        at=tx.now,
        why=why,
        moves={"moves": [one.to_json() for one in moves], **more},
    )
    tx.session.add(basket)
    tx.flush()
    return basket.id


def ticket_moves(basket: BulkReassignment) -> list[CompletedMove]:
    """What became of each of its tickets."""
    return [CompletedMove.from_json(plain) for plain in basket.moves["moves"]]


def find_reassignment(reader: Reader, id_: int) -> BulkReassignment | None:
    return reader.session.get(BulkReassignment, (reader.workspace, id_))


def lock_reassignment(tx: Transaction, id_: int) -> BulkReassignment | None:
    """The basket, locked, as it is now: of two who undo it one comes first."""
    found = select(BulkReassignment).where(BulkReassignment.workspace_id == tx.workspace, BulkReassignment.id == id_)
    return tx.session.scalars(found.with_for_update().execution_options(populate_existing=True)).first()


def latest_reassignment(reader: Reader, giver: str, *, since: datetime) -> BulkReassignment | None:
    """The last basket that was moved from this person since then; None when none was."""
    theirs = select(BulkReassignment).where(
        BulkReassignment.workspace_id == reader.workspace, BulkReassignment.giver == giver, BulkReassignment.at >= since
    )
    return reader.session.scalars(theirs.order_by(BulkReassignment.id.desc()).limit(1)).first()


def unreported_covers(reader: Reader, *, by: str) -> Sequence[BulkReassignment]:
    """Baskets that the desk handed over and whose giver has not been told yet what is left of them, oldest first."""
    theirs = select(BulkReassignment).where(
        BulkReassignment.workspace_id == reader.workspace,
        BulkReassignment.by == by,
        BulkReassignment.returned_at.is_(None),
        BulkReassignment.undone_at.is_(None),
    )
    return reader.session.scalars(theirs.order_by(BulkReassignment.id)).all()


def reported_together(reader: Reader, basket: BulkReassignment) -> Sequence[BulkReassignment]:
    """All baskets of which their giver was told in the same message."""
    theirs = select(BulkReassignment).where(
        BulkReassignment.workspace_id == reader.workspace,
        BulkReassignment.giver == basket.giver,
        BulkReassignment.returned_at == basket.returned_at,
    )
    return reader.session.scalars(theirs.order_by(BulkReassignment.id)).all()


def reassignment_messages(reader: Reader, number: int) -> Sequence[MessageReference]:
    """The messages that stand about the basket with which this ticket was moved last; none where it never was."""
    moves = select(Event.data).where(
        Event.workspace_id == reader.workspace, Event.number == number, Event.kind == str(EventKind.REASSIGNED)
    )
    newest = reader.session.scalars(moves.order_by(Event.seq.desc()).limit(1)).first()
    if newest is None:
        return ()
    subjects = [f"{newest['basket']}.{role}" for role in RECIPIENT_ROLES]
    those = select(MessageReference).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.kind == str(MessageKind.REASSIGNMENT),
        MessageReference.subject.in_(subjects),
    )
    return reader.session.scalars(those.order_by(MessageReference.subject, MessageReference.lane)).all()


def _known_until(one: TicketHistory, at: datetime) -> TicketHistory:
    return replace(one, timeline=tuple(moment for moment in one.timeline if moment.at <= at))


def _remaining_capacity(policy: Policy, person: str, held: int) -> int | None:
    """How many more tickets they may hold, by the least of their own capacity and their teams'."""
    own = policy.people.get(person, PersonProfile()).capacity
    theirs = [team.capacity for team in policy.teams.values() if person in team.people]
    limits = [limit for limit in (own, *theirs) if limit is not None]
    return max(min(limits) - held, 0) if limits else None


def in_chunks(of: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """As many at a time as one statement may name."""
    return (of[first : first + NUMBERS_PER_QUERY] for first in range(0, len(of), NUMBERS_PER_QUERY))
