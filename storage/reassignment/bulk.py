"""Bulk reassignment: a person's open work, possible receivers, and many tickets changed in a few statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from rules.forecasts.work import remaining_steps, total_by_ticket
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import WAITING_STATUSES, Status
from rules.presence.presence import REACHABLE_STATUSES, Presence, PresenceStatus
from rules.reassignment import CompletedMove, MovableTicket, Receiver
from storage.database import in_chunks
from storage.events import EventKind, latest_event
from storage.forecasts import team_handling_time
from storage.json_values import from_json
from storage.outbox.outbox import MessageKind, next_id
from storage.schema.people import BulkReassignment
from storage.schema.tickets import MessageReference, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction, all_where, first_where, select_where
from storage.workload import HAS_BEGUN, handling_times_until

REASSIGNMENT_CARD = MessageKind("basket", refreshed=True)
RECIPIENT_ROLES = ("receiver", "giver", "lead", "back")  # the part that a person who is notified has in it


@dataclass(frozen=True, slots=True)
class LockedTicket:
    """An open ticket, locked for this transaction."""

    number: int
    seq: int
    status: Status
    team: str
    first_line: str
    type: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A locked ticket, and its state afterwards."""

    before: LockedTicket
    assignee: str | None
    status: Status
    team: str
    remind_at: datetime | None


def people_with_open_tickets(reader: Reader) -> list[str]:
    query = select_where(reader, Ticket.assignee, Ticket.resolved_at.is_(None), Ticket.assignee.is_not(None))
    return sorted(person for person in reader.session.scalars(query.distinct()) if person)


def open_tickets_of(reader: Reader, people: Sequence[str]) -> Sequence[Ticket]:
    return all_where(reader, Ticket, Ticket.assignee.in_(people), Ticket.resolved_at.is_(None), order_by=Ticket.number)


def build_items(reader: Reader, tickets: Sequence[Ticket], *, policy: Policy, at: datetime) -> list[MovableTicket]:
    minutes_left = minutes_left_by_ticket(reader, tickets, policy=policy, at=at)
    running: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for chunk in in_chunks([ticket.number for ticket in tickets]):
        for number, due_at, alert_level in timers.running_timers(reader, chunk):
            running[number].append((due_at, alert_level))
    return [_movable_ticket(ticket, running[ticket.number], minutes_left[ticket.number], at) for ticket in tickets]


def _movable_ticket(
    ticket: Ticket, running: Sequence[tuple[datetime, int]], minutes: float, at: datetime
) -> MovableTicket:
    """`running` are its timers, each with its due time and the newest alert sent."""
    overdue = any(due_at < at for due_at, _ in running)
    return MovableTicket(
        number=ticket.number,
        seq=ticket.seq,
        type=ticket.type,
        priority=ticket.priority,
        teams=(ticket.team, ticket.first_line),
        minutes=minutes,
        due_at=min((due_at for due_at, _ in running), default=None),
        overdue=overdue,
        due_soon=not overdue and any(alert_level >= 1 for _, alert_level in running),
        is_waiting=ticket.status in WAITING_STATUSES,
    )


def minutes_left_by_ticket(
    reader: Reader, tickets: Sequence[Ticket], *, policy: Policy, at: datetime
) -> dict[int, float]:
    """The remaining handling time of each ticket, by what was known at that moment."""
    slices = (
        [Ticket.workspace_id == reader.workspace, Ticket.number.in_(chunk), HAS_BEGUN]
        for chunk in in_chunks([ticket.number for ticket in tickets])
    )
    spent = handling_times_until(reader, *slices, policy=policy, at=at)
    total = total_by_ticket(spent)
    handling_times = {team: team_handling_time(reader, team) for team in {ticket.team for ticket in tickets}}
    minutes_left: dict[int, float] = {}
    for ticket in tickets:
        steps = remaining_steps(policy, ticket.type, ticket.step)
        spent_s = spent.get((ticket.number, ticket.step or ""), 0.0) if steps else total.get(ticket.number, 0.0)
        estimate = handling_times[ticket.team].estimate_for_steps(ticket.type, steps)
        minutes_left[ticket.number] = estimate.work_left_s(spent_s) / 60
    return minutes_left


def build_receivers(
    policy: Policy,
    people: Iterable[str],
    *,
    tickets: Sequence[Ticket],
    minutes_left: Mapping[int, float],
    presences: Mapping[str, Presence],
    first: str = "",
    by_hand: bool = False,
) -> list[Receiver]:
    """`tickets` are those that they have already, `minutes_left` by number.

    A break or a meeting is no reason to pass a person over. Off-duty people receive only what a person gives them; the
    desk gives to those at work.
    """
    allowed = REACHABLE_STATUSES | {PresenceStatus.OFF} if by_hand else REACHABLE_STATUSES
    tickets_of: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        tickets_of[ticket.assignee or ""].append(ticket)
    workable_of = {
        person: [ticket for ticket in held if ticket.status not in WAITING_STATUSES]
        for person, held in tickets_of.items()
    }
    return [
        Receiver(
            person=person,
            teams=frozenset(team.key for team in policy.teams.values() if person in team.people),
            is_here=presences[person].status in allowed,
            free_slots=_remaining_capacity(policy, person, len(workable_of.get(person, ()))),
            tickets=len(tickets_of[person]),
            minutes=sum(minutes_left.get(ticket.number, 0.0) for ticket in workable_of.get(person, ())),
            goes_first=person == first,
        )
        for person in people
    ]


def lock_people(tx: Transaction, people: Iterable[str]) -> None:
    """Nobody else assigns tickets to these people until this transaction ends, so that their capacity is counted
    once."""
    if tx.connection.dialect.name == "postgresql":
        for person in sorted(set(people)):
            key = func.hashtextextended(f"basket:{tx.workspace}:{person}", 0)
            tx.execute(select(func.pg_advisory_xact_lock(key)))


def lock_open_tickets(tx: Transaction, numbers: Sequence[int]) -> dict[int, LockedTicket]:
    columns = (Ticket.number, Ticket.seq, Ticket.status, Ticket.team, Ticket.first_line, Ticket.type, Ticket.assignee)
    tickets: dict[int, LockedTicket] = {}
    for chunk in in_chunks(sorted(numbers)):
        is_open = (Ticket.workspace_id == tx.workspace, Ticket.number.in_(chunk), Ticket.resolved_at.is_(None))
        rows = tx.execute(select(*columns).where(*is_open).order_by(Ticket.number).with_for_update())
        tickets |= {row.number: LockedTicket(*tuple(row)) for row in rows}
    return tickets


def write_changes(tx: Transaction, changes: Sequence[TicketChange]) -> None:
    """Tickets with the same new state share one statement; the event counter of each grows by one."""
    numbers_by_state: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for change in changes:
        numbers_by_state[change.assignee, change.status, change.team, change.remind_at].append(change.before.number)
    for (assignee, status, team, remind_at), numbers in numbers_by_state.items():
        for chunk in in_chunks(numbers):
            statement = update(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number.in_(chunk))
            state = {"assignee": assignee, "status": status, "team": team, "remind_at": remind_at}
            tx.execute(statement.values(seq=Ticket.seq + 1, **state))
    tx.session.expire_all()


def save_reassignment(
    tx: Transaction, giver: str, *, by: str, why: str, moves: Sequence[CompletedMove], **more: Any
) -> int:
    """Saves the reassignment so that it can be undone; returns its id."""
    row = BulkReassignment(
        workspace_id=tx.workspace,
        id=next_id(),
        giver=giver,
        by=by,
        at=tx.now,
        why=why,
        moves={"moves": [list(astuple(move)) for move in moves], **more},
    )
    tx.session.add(row)
    tx.flush()
    return row.id


def ticket_moves(reassignment: BulkReassignment) -> list[CompletedMove]:
    return [from_json(CompletedMove, plain) for plain in reassignment.moves["moves"]]


def find_reassignment(reader: Reader, id_: int) -> BulkReassignment | None:
    return reader.session.get(BulkReassignment, (reader.workspace, id_))


def lock_reassignment(tx: Transaction, id_: int) -> BulkReassignment | None:
    """Of two people who undo it one waits for the other."""
    query = select_where(tx, BulkReassignment, BulkReassignment.id == id_)
    return tx.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()


def latest_reassignment(reader: Reader, giver: str, *, since: datetime) -> BulkReassignment | None:
    of_giver = (BulkReassignment.giver == giver, BulkReassignment.at >= since)
    return first_where(reader, BulkReassignment, *of_giver, order_by=BulkReassignment.id.desc())


def unreported_covers(reader: Reader, *, by: str) -> Sequence[BulkReassignment]:
    """Absence covers of which their giver is not notified yet, the oldest first."""
    is_unreported = (BulkReassignment.returned_at.is_(None), BulkReassignment.undone_at.is_(None))
    by_actor = BulkReassignment.by == by
    return all_where(reader, BulkReassignment, by_actor, *is_unreported, order_by=BulkReassignment.id)


def reported_together(reader: Reader, reassignment: BulkReassignment) -> Sequence[BulkReassignment]:
    of_giver = BulkReassignment.giver == reassignment.giver
    same_report = BulkReassignment.returned_at == reassignment.returned_at
    return all_where(reader, BulkReassignment, of_giver, same_report, order_by=BulkReassignment.id)


def reassignment_messages(reader: Reader, number: int) -> Sequence[MessageReference]:
    event = latest_event(reader, number, EventKind.REASSIGNED)
    if event is None:
        return ()
    subjects = [f"{event.data['basket']}.{role}" for role in RECIPIENT_ROLES]
    of_event = (MessageReference.kind == REASSIGNMENT_CARD, MessageReference.subject.in_(subjects))
    order = (MessageReference.subject, MessageReference.lane)
    return all_where(reader, MessageReference, *of_event, order_by=order)


def _remaining_capacity(policy: Policy, person: str, used: int) -> int | None:
    """By the least of their own capacity and their teams'; None without a limit."""
    own_limit = policy.people.get(person, PersonProfile()).capacity
    team_limits = [team.capacity for team in policy.teams.values() if person in team.people]
    limits = [limit for limit in (own_limit, *team_limits) if limit is not None]
    return max(min(limits) - used, 0) if limits else None
