"""Tickets of other systems: which are here already, and their history as the other system recorded it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert

from rules.imports.history import ImportedEvent
from storage.database import in_chunks
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction, all_where

_INSERT_EVENT = insert(Event.__table__)  # type: ignore[arg-type]


def imported_sources(reader: Reader, sources: Sequence[str]) -> set[str]:
    is_stored = (Ticket.source.in_(chunk) for chunk in in_chunks(sources))
    return {source for known in is_stored for source in all_where(reader, Ticket.source, known) if source is not None}


def add_history(tx: Transaction, number: int, steps: Iterable[ImportedEvent]) -> None:
    tx.execute(_INSERT_EVENT, [_event_row(tx.workspace, number, seq, step) for seq, step in enumerate(steps, start=1)])


def _event_row(workspace: str, number: int, seq: int, step: ImportedEvent) -> dict[str, object]:
    key = {"workspace_id": workspace, "number": number, "seq": seq, "kind": str(EventKind(step.kind))}
    state = {"status": step.status, "team": step.team, "assignee": step.assignee}
    return {**key, **state, "at": step.at, "by": step.by, "data": step.data}
