"""Tickets of other systems: which are here already, and their history as the other system recorded it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert

from rules.imports.history import ImportedEvent, ImportedEventKind, restore_events
from storage.database import in_chunks
from storage.events import EventKind, find_event, ticket_history
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction, all_where

LINE = "line"
_INSERT_EVENT = insert(Event.__table__)  # type: ignore[arg-type]


def imported_sources(reader: Reader, sources: Sequence[str]) -> set[str]:
    is_stored = (Ticket.source.in_(chunk) for chunk in in_chunks(sources))
    return {source for known in is_stored for source in all_where(reader, Ticket.source, known) if source is not None}


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


def add_history(tx: Transaction, number: int, steps: Iterable[ImportedEvent]) -> None:
    tx.execute(_INSERT_EVENT, [_event_row(tx.workspace, number, seq, step) for seq, step in enumerate(steps, start=1)])


def _event_row(workspace: str, number: int, seq: int, step: ImportedEvent) -> dict[str, object]:
    key = {"workspace_id": workspace, "number": number, "seq": seq, "kind": str(EventKind(step.kind))}
    state = {"status": step.status, "team": step.team, "assignee": step.assignee}
    return {**key, **state, "at": step.at, "by": step.by, "data": step.data}
