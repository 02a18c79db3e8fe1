"""What came from other systems: which of it is here already, and its history as it was told."""

from collections.abc import Iterable, Sequence

from sqlalchemy import insert, select

from rules.imports.history import Step
from storage.events import Happened
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, Transaction

AT_ONCE = 500
_ADD = insert(Event.__table__)  # type: ignore[arg-type]


def known(reader: Reader, sources: Sequence[str]) -> set[str]:
    """Those of these foreign records that are tickets here."""
    found: set[str] = set()
    for first in range(0, len(sources), AT_ONCE):
        some = sources[first : first + AT_ONCE]
        here = select(Ticket.source).where(Ticket.workspace_id == reader.workspace, Ticket.source.in_(some))
        found.update(source for source in reader.session.scalars(here) if source is not None)
    return found


def keep_history(tx: Transaction, number: int, steps: Iterable[Step]) -> None:
    """Writes the ticket's events with the times and people of the log they came from."""
    tx.execute(_ADD, [_event(tx.workspace, number, seq, step) for seq, step in enumerate(steps, start=1)])


def _event(workspace: str, number: int, seq: int, step: Step) -> dict[str, object]:
    return {
        "workspace_id": workspace,
        "number": number,
        "seq": seq,
        "kind": str(Happened(step.did)),
        "at": step.at,
        "by": step.by,
        "status": step.status,
        "team": step.team,
        "assignee": step.assignee,
        "data": step.data,
    }
