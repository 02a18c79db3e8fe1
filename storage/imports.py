"""Tickets of other systems: which are here already, and their history as the other system recorded it."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import InstrumentedAttribute

from rules.escalations.escalations import EscalationState
from rules.imports.history import (
    ImportedEscalation,
    ImportedEvent,
    ImportedEventKind,
    ImportedTicket,
    build_escalations,
    restore_events,
)
from rules.imports.names import NameKind
from rules.imports.ticket_logs import NO_LOG, TicketLog
from storage.compiled import CompiledStatement
from storage.database import in_chunks
from storage.events import DESK_ACTOR, EventKind, find_event, ticket_history
from storage.schema.columns import same_ticket
from storage.schema.imports import ImportedLog
from storage.schema.tickets import Escalation, Event, Ticket
from storage.sla import timers
from storage.transaction import Reader, Transaction, delete_where, select_where

LINE = "line"
_FAST_COMPRESSION = 1
_INSERT_EVENTS = CompiledStatement(insert(Event.__table__))  # type: ignore[arg-type]
_INSERT_LOGS = CompiledStatement(insert(ImportedLog.__table__))  # type: ignore[arg-type]
_INSERT_ESCALATIONS = CompiledStatement(insert(Escalation.__table__))  # type: ignore[arg-type]
_NAME_COLUMNS: dict[NameKind, tuple[InstrumentedAttribute[Any], ...]] = {
    NameKind.TEAM: (Ticket.first_line, Ticket.team),
    NameKind.TYPE: (Ticket.type,),
    NameKind.PERSON: (Ticket.requester, Ticket.registered_by, Ticket.assignee, Ticket.resolved_by),
}


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """A ticket that was imported; `events` are those of the log, and `log` is empty where none is stored.

    `is_worked_on` when something happened to it here since.
    """

    number: int
    seq: int
    events: int
    log: TicketLog
    is_worked_on: bool


def known_tickets(reader: Reader, sources: Sequence[str]) -> dict[str, KnownTicket]:
    """By source, those that are tickets here."""
    columns = (Ticket.source, Ticket.number, Ticket.seq, ImportedLog.events, ImportedLog.rows)
    query = select(*columns).outerjoin(ImportedLog, same_ticket(ImportedLog, Ticket))
    query = query.where(Ticket.workspace_id == reader.workspace)
    chunks = (reader.session.execute(query.where(Ticket.source.in_(chunk))) for chunk in in_chunks(sources))
    rows: list[Any] = [row for chunk in chunks for row in chunk]
    own_events = _own_events(reader, [number for _, number, seq, events, _ in rows if seq != events])
    known = dict[str, KnownTicket]()
    for source, number, seq, events, packed in rows:
        of_desk = own_events.get(number, [])
        count = seq - len(of_desk) if events is None else events
        log = NO_LOG if packed is None else _unpack_log(packed)
        known[source] = KnownTicket(number, seq, count, log, is_worked_on=not all(of_desk))
    return known


def _own_events(reader: Reader, numbers: Sequence[int]) -> dict[int, list[bool]]:
    """By ticket, for each event that is of no log: whether a changed configuration caused it."""
    own_events: dict[int, list[bool]] = {}
    for chunk in in_chunks(numbers):
        for event in reader.session.scalars(select_where(reader, Event, Event.number.in_(chunk))):
            if LINE not in event.data:
                own_events.setdefault(event.number, []).append(_is_recalculation(event))
    return own_events


def _is_recalculation(event: Event) -> bool:
    return event.by == DESK_ACTOR and event.kind == EventKind.SLA_RECALCULATED


def known_names(reader: Reader) -> list[tuple[NameKind, str]]:
    """The spellings of the names of imported tickets."""
    return [
        (kind, name)
        for kind, columns in _NAME_COLUMNS.items()
        for column in columns
        for name in sorted(filter(None, reader.session.scalars(_distinct_names(reader, column))))
    ]


def _distinct_names(reader: Reader, column: InstrumentedAttribute[Any]) -> Select[Any]:
    is_imported = (Ticket.workspace_id == reader.workspace, Ticket.source.is_not(None))
    return select(column).where(*is_imported).distinct()


def is_imported(reader: Reader, number: int) -> bool:
    """An imported event names the line of the log that it comes from."""
    first = find_event(reader, number, 1)
    return first is not None and LINE in first.data


def imported_history(reader: Reader, ticket: Ticket) -> list[ImportedEvent]:
    """The ticket's history as it was imported; empty for a ticket that was created here."""
    events = [_imported_event(ticket, row) for row in ticket_history(reader, ticket.number) if LINE in row.data]
    return restore_events(events, last_type=ticket.type, last_priority=ticket.priority)


def _imported_event(ticket: Ticket, row: Event) -> ImportedEvent:
    now = (ticket.type, ticket.priority)
    return ImportedEvent(
        ImportedEventKind(row.kind), row.at, row.by, row.status, row.team, *now, row.assignee, row.data
    )


def add_histories(tx: Transaction, records: Iterable[tuple[int, ImportedTicket]]) -> None:
    """The events of these tickets, by number, and the rows that they come from."""
    events, logs, escalations = (list[dict[str, object]]() for _ in range(3))
    for number, record in records:
        steps = enumerate(record.events, start=1)
        events += [_event_row(tx.workspace, number, seq, step) for seq, step in steps]
        packed = {"workspace_id": tx.workspace, "events": len(record.events), "rows": _pack_log(record.log)}
        logs.append({"number": number, **packed})
        escalations += [_escalation_row(tx.workspace, number, *each) for each in _rounds(record)]
    if logs:
        _INSERT_EVENTS.run_many(tx, events)
        _INSERT_LOGS.run_many(tx, logs)
    if escalations:
        _INSERT_ESCALATIONS.run_many(tx, escalations)


def replace_history(tx: Transaction, number: int, record: ImportedTicket) -> int:
    """The new history instead of the one before, and no timers; returns the number of the last event.

    What the desk's changed configuration added here follows it.
    """
    recalculations = [event for event in ticket_history(tx, number) if LINE not in event.data]
    for table in (Event, ImportedLog, Escalation):
        delete_where(tx, table, table.number == number)
    timers.delete_timers(tx, number)
    add_histories(tx, [(number, record)])
    last, count = record.last_event, len(record.events)
    state = {"status": last.status, "team": last.team, "assignee": last.assignee}
    rows = [
        {"workspace_id": tx.workspace, "number": number, "seq": seq, "kind": event.kind, **state}
        | {"at": event.at, "by": event.by, "data": event.data}
        for seq, event in enumerate(recalculations, start=count + 1)
    ]
    if rows:
        _INSERT_EVENTS.run_many(tx, rows)
    return count + len(rows)


def _event_row(workspace: str, number: int, seq: int, step: ImportedEvent) -> dict[str, object]:
    return {
        "workspace_id": workspace,
        "number": number,
        "seq": seq,
        "kind": str(step.kind),
        "status": step.status,
        "team": step.team,
        "assignee": step.assignee,
        "at": step.at,
        "by": step.by,
        "data": step.data,
    }


def _rounds(record: ImportedTicket) -> Iterable[tuple[int, ImportedEscalation]]:
    return enumerate(build_escalations(record.events), start=1)


def _escalation_row(workspace: str, number: int, round_: int, one: ImportedEscalation) -> dict[str, object]:
    """What a log does not say is empty: why, what was tried, and how the experts decided."""
    state = EscalationState.PENDING if one.ended_at is None else EscalationState.ENDED
    row = dict.fromkeys(Escalation.__table__.c.keys()) | {"workspace_id": workspace, "number": number, "round": round_}
    teams = {"team": one.team, "from_team": one.from_team, "why": "", "tried": ""}
    asked = {"asked_by": one.asked_by, "asked_at": one.asked_at, "answer_due_at": one.asked_at}
    return {**row, **teams, **asked, "state": state, "decided_by": one.ended_by, "decided_at": one.ended_at}


def _pack_log(log: TicketLog) -> bytes:
    return zlib.compress(json.dumps([log.columns, log.rows], ensure_ascii=False).encode(), _FAST_COMPRESSION)


def _unpack_log(packed: bytes) -> TicketLog:
    columns, rows = json.loads(zlib.decompress(packed))
    return TicketLog(tuple(columns), tuple((line, tuple(cells)) for line, cells in rows))
