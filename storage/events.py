"""The append-only history that every number is counted from."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Text, cast, insert, select

from storage.compiled import CompiledStatement
from storage.database import in_chunks
from storage.schema.tickets import Event, NewTicket, Ticket
from storage.transaction import Reader, Transaction, all_where, first_where

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
    UNDELIVERED = "undelivered"
    MESSAGE_EDITED = "edited"
    MESSAGE_DELETED = "deleted"


_RECORD = CompiledStatement(insert(Event.__table__))  # type: ignore[arg-type]


def record(tx: Transaction, ticket: Ticket | NewTicket, kind: EventKind, *, by: str, **data: Any) -> int:
    """Adds the event with the ticket's state after it; returns its number within the ticket."""
    ticket.seq += 1
    state = {"status": ticket.status, "team": ticket.team, "assignee": ticket.assignee}
    row = {"number": ticket.number, "seq": ticket.seq, "data": data, **state}
    _RECORD.run(tx, row | _common_values(tx, kind, by))
    return ticket.seq


def record_many(tx: Transaction, rows: Sequence[Mapping[str, Any]], kind: EventKind, *, by: str) -> None:
    """The same event for many tickets in one call; each row has the ticket's number, seq and state."""
    if rows:
        _RECORD.run_many(tx, [{**row, **_common_values(tx, kind, by)} for row in rows])


def _common_values(tx: Transaction, kind: EventKind, by: str) -> dict[str, Any]:
    return {"workspace_id": tx.workspace, "kind": str(kind), "at": tx.now, "by": by}


def ticket_history(reader: Reader, number: int) -> Sequence[Event]:
    return all_where(reader, Event, Event.number == number, order_by=Event.seq)


def type_changes(reader: Reader, numbers: Iterable[int], *, since: datetime) -> dict[int, list[tuple[datetime, str]]]:
    """When the type of each ticket changed since then, and the type before it, in order."""
    is_later = (Event.workspace_id == reader.workspace, Event.at >= since)
    names_type = cast(Event.data, Text).contains('"type"')
    query = select(Event.number, Event.at, Event.data).where(*is_later, names_type).order_by(Event.number, Event.seq)
    changes: dict[int, list[tuple[datetime, str]]] = {}
    for chunk in in_chunks(sorted(numbers)):
        for number, at, data in reader.session.execute(query.where(Event.number.in_(chunk))):
            if changed := data.get("changed", {}).get("type"):
                changes.setdefault(number, []).append((at, changed[0]))
    return changes


def type_as_of(moment: datetime, current: str, changes: Sequence[tuple[datetime, str]]) -> str:
    """A ticket's type at that moment, by its type now and what changed it since."""
    return next((before for at, before in changes if at > moment), current)


def latest_event(reader: Reader, number: int, *kinds: EventKind, after: int = 0) -> Event | None:
    is_later = (Event.number == number, Event.seq > after)
    return first_where(reader, Event, *is_later, Event.kind.in_(map(str, kinds)), order_by=Event.seq.desc())


def event_of_message(reader: Reader, number: int, message: str) -> Event | None:
    """The event that a message in Slack (`channel:ts`) was recorded as."""
    said = (event for event in ticket_history(reader, number) if event.data.get("message") == message)
    return next(said, None)


def find_event(reader: Reader, number: int, seq: int) -> Event | None:
    return reader.session.get(Event, (reader.workspace, number, seq))
