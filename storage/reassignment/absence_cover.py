"""Handing over: what waits for somebody who is away, since when, and what somebody left there by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_, update

from storage.events import EventKind
from storage.reassignment.bulk import in_chunks
from storage.schema.people import LeaveEntry
from storage.schema.tickets import Event
from storage.transaction import Reader, Transaction


def assigned_since(reader: Reader, numbers: Sequence[int]) -> dict[int, datetime]:
    """When each of these tickets came to whoever has it now."""
    found: dict[int, tuple[str | None, datetime]] = {}
    for some in in_chunks(sorted(numbers)):
        theirs = select(Event.number, Event.assignee, Event.at).where(
            Event.workspace_id == reader.workspace, Event.number.in_(some)
        )
        for number, who, at in reader.session.execute(theirs.order_by(Event.number, Event.seq)):
            if number not in found or found[number][0] != who:
                found[number] = who, at
    return {number: at for number, (_, at) in found.items()}


def manually_kept(reader: Reader, held: Mapping[int, int]) -> dict[int, Event]:
    """Those of the tickets (number and newest event) that somebody put back with whoever has them, or gave them with a
    reason although they were away, and nobody touched since: each with that deed."""
    found: dict[int, Event] = {}
    for some in in_chunks(sorted(held.items())):
        newest = select(Event).where(Event.workspace_id == reader.workspace, tuple_(Event.number, Event.seq).in_(some))
        found |= {
            event.number: event
            for event in reader.session.scalars(newest)
            if (event.kind == EventKind.REASSIGNED and event.data.get("did") == "undone")
            or (event.kind == EventKind.ASSIGNED and event.data.get("away"))
        }
    return found


def mark_covered(tx: Transaction, person: str) -> None:
    """Their time away that has begun is marked as handed over."""
    tx.execute(
        update(LeaveEntry)
        .where(
            LeaveEntry.workspace_id == tx.workspace,
            LeaveEntry.person == person,
            LeaveEntry.cancelled_at.is_(None),
            LeaveEntry.handed_at.is_(None),
            LeaveEntry.begins <= tx.now,
        )
        .values(handed_at=tx.now)
    )
