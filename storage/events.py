"""The append-only history that every number is counted from."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select

from storage.compiled import Hot
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction

DESK = "desk"  # who did it, where no person did


class Happened(StrEnum):
    """What can happen to a ticket."""

    FILED = "filed"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    STARTED = "started"
    PASSED = "passed"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    VOTED = "voted"
    PASSED_OVER = "passed_over"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    SENT_ON = "sent_on"
    RETURNED = "returned"
    ASKED_BACK = "asked_back"
    ANSWERED = "answered"
    WAITING = "waiting"
    REPLIED = "replied"
    NOTED = "noted"
    WROTE = "wrote"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    MOVED = "moved"
    HANDED = "handed"
    STEP_DONE = "step_done"
    PROMISED_ANEW = "promised_anew"
    EXTENDED = "extended"
    ASKED_TIME = "asked_time"
    REFUSED_TIME = "refused_time"
    ASKED_HELP = "asked_help"
    SKIPPED = "skipped"


_RECORD = Hot(insert(Event.__table__))  # type: ignore[arg-type]


def record(tx: Transaction, ticket: Ticket, kind: Happened, *, by: str, **data: Any) -> int:
    """Writes the event, with how the ticket stands after it; its number within the ticket is returned."""
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


def record_many(tx: Transaction, rows: Sequence[Mapping[str, Any]], kind: Happened, *, by: str) -> None:
    """The same event of many tickets, in one call: each row says its number and seq, and how the ticket stands now."""
    told = {"workspace_id": tx.workspace, "kind": str(kind), "at": tx.now, "by": by}
    if rows:
        _RECORD.run_many(tx, [{**told, **row} for row in rows])


def of_ticket(reader: Reader, number: int) -> Sequence[Event]:
    """The ticket's whole history, oldest first."""
    mine = select(Event).where(Event.workspace_id == reader.workspace, Event.number == number)
    return reader.session.scalars(mine.order_by(Event.seq)).all()


def newest(reader: Reader, number: int, *kinds: Happened, after: int = 0) -> Event | None:
    """The last of these that happened to the ticket, later than its event `after`; None when none did."""
    mine = select(Event).where(
        Event.workspace_id == reader.workspace,
        Event.number == number,
        Event.seq > after,
        Event.kind.in_(map(str, kinds)),
    )
    return reader.session.scalars(mine.order_by(Event.seq.desc()).limit(1)).first()


def one(reader: Reader, number: int, seq: int) -> Event | None:
    return reader.session.get(Event, (reader.workspace, number, seq))
