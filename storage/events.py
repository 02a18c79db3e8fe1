"""The append-only history that every number is counted from."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage.compiled import Hot
from storage.schema.tickets import Event, Ticket
from storage.transaction import Work

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


def record(work: Work, ticket: Ticket, kind: Happened, *, by: str, **data: Any) -> int:
    """Writes the event, with how the ticket stands after it; its number within the ticket is returned."""
    ticket.seq += 1
    values = {
        "workspace_id": work.workspace,
        "number": ticket.number,
        "seq": ticket.seq,
        "kind": str(kind),
        "at": work.now,
        "by": by,
        "status": ticket.status,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "data": data,
    }
    _RECORD.run(work, values)
    return ticket.seq


def record_many(work: Work, rows: Sequence[Mapping[str, Any]], kind: Happened, *, by: str) -> None:
    """The same event of many tickets, in one call: each row says its number and seq, and how the ticket stands now."""
    told = {"workspace_id": work.workspace, "kind": str(kind), "at": work.now, "by": by}
    if rows:
        _RECORD.run_many(work, [{**told, **row} for row in rows])


def of_ticket(session: Session, workspace: str, number: int) -> Sequence[Event]:
    """The ticket's whole history, oldest first."""
    mine = select(Event).where(Event.workspace_id == workspace, Event.number == number)
    return session.scalars(mine.order_by(Event.seq)).all()


def newest(session: Session, workspace: str, number: int, *kinds: Happened, after: int = 0) -> Event | None:
    """The last of these that happened to the ticket, later than its event `after`; None when none did."""
    mine = select(Event).where(
        Event.workspace_id == workspace, Event.number == number, Event.seq > after, Event.kind.in_(map(str, kinds))
    )
    return session.scalars(mine.order_by(Event.seq.desc()).limit(1)).first()


def one(session: Session, workspace: str, number: int, seq: int) -> Event | None:
    return session.get(Event, (workspace, number, seq))
