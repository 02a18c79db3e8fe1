"""The append-only history that every number is counted from."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select

from storage.compiled import CompiledStatement
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction

DESK_ACTOR = "desk"  # the actor of an event that no person caused


class EventKind(StrEnum):
    """What can happen to a ticket. The values are stored, and stay as they are."""

    CREATED = "filed"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    STARTED = "started"
    PASSED = "passed"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    APPROVER_ANSWERED = "voted"
    PASSED_OVER = "passed_over"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    REVIEW_PASSED = "sent_on"
    REVIEW_RETURNED = "returned"
    INFO_REQUESTED = "asked_back"
    INFO_PROVIDED = "answered"
    WAITING = "waiting"
    REPLIED = "replied"
    NOTED = "noted"
    REQUESTER_WROTE = "wrote"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    MOVED = "moved"
    REASSIGNED = "handed"
    STEP_DONE = "step_done"
    SLA_RECALCULATED = "promised_anew"
    EXTENDED = "extended"
    EXTENSION_REQUESTED = "asked_time"
    EXTENSION_DECLINED = "refused_time"
    HELP_REQUESTED = "asked_help"
    SKIPPED = "skipped"


_RECORD = CompiledStatement(insert(Event.__table__))  # type: ignore[arg-type]


def record(tx: Transaction, ticket: Ticket, kind: EventKind, *, by: str, **data: Any) -> int:
    """Adds the event with the ticket's state after it; returns its number within the ticket."""
    ticket.seq += 1
    values = {
        "workspace_id": tx.workspace,
        "number": ticket.number,
        "seq": ticket.seq,
        "kind": str(kind),
        "at": tx.now,
        "by": by,
        "status": ticket.status,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "data": data,
    }
    _RECORD.run(tx, values)
    return ticket.seq


def record_many(tx: Transaction, rows: Sequence[Mapping[str, Any]], kind: EventKind, *, by: str) -> None:
    """The same event for many tickets in one call; each row has the ticket's number, seq and state."""
    common = {"workspace_id": tx.workspace, "kind": str(kind), "at": tx.now, "by": by}
    if rows:
        _RECORD.run_many(tx, [{**common, **row} for row in rows])


def ticket_history(reader: Reader, number: int) -> Sequence[Event]:
    query = select(Event).where(Event.workspace_id == reader.workspace, Event.number == number)
    return reader.session.scalars(query.order_by(Event.seq)).all()


def latest_event(reader: Reader, number: int, *kinds: EventKind, after: int = 0) -> Event | None:
    query = select(Event).where(
        Event.workspace_id == reader.workspace,
        Event.number == number,
        Event.seq > after,
        Event.kind.in_(map(str, kinds)),
    )
    return reader.session.scalars(query.order_by(Event.seq.desc()).limit(1)).first()


def find_event(reader: Reader, number: int, seq: int) -> Event | None:
    return reader.session.get(Event, (reader.workspace, number, seq))
