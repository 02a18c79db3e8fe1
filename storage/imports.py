"""What came from other systems: which of it is here already, and its history as it was told."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select

from rules.imports.history import ImportedEvent
from storage.events import EventKind
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction

SOURCES_PER_QUERY = 500
_INSERT_EVENT = insert(Event.__table__)  # type: ignore[arg-type]


def imported_sources(reader: Reader, sources: Sequence[str]) -> set[str]:
    """Those of these foreign records that are tickets here."""
    found: set[str] = set()
    for first in range(0, len(sources), SOURCES_PER_QUERY):
        some = sources[first : first + SOURCES_PER_QUERY]
        here = select(Ticket.source).where(Ticket.workspace_id == reader.workspace, Ticket.source.in_(some))
        found.update(source for source in reader.session.scalars(here) if source is not None)
    return found


def add_history(tx: Transaction, number: int, steps: Iterable[ImportedEvent]) -> None:
    """Writes the ticket's events with the times and people of the log they came from."""
    tx.execute(_INSERT_EVENT, [_event_row(tx.workspace, number, seq, step) for seq, step in enumerate(steps, start=1)])


def _event_row(workspace: str, number: int, seq: int, step: ImportedEvent) -> dict[str, object]:
    return {
        "workspace_id": workspace,
        "number": number,
        "seq": seq,
        "kind": str(EventKind(step.kind)),
        "at": step.at,
        "by": step.by,
        "status": step.status,
        "team": step.team,
        "assignee": step.assignee,
        "data": step.data,
    }
