"""Absence cover: since when tickets wait for an absent person, and which a colleague left with them on purpose."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from storage.database import in_chunks
from storage.events import EventKind
from storage.schema.people import LeaveEntry
from storage.schema.tickets import Event
from storage.transaction import Reader, Transaction, select_where, update_where


def assigned_since(reader: Reader, numbers: Sequence[int]) -> dict[int, datetime]:
    latest: dict[int, tuple[str | None, datetime]] = {}
    for chunk in in_chunks(sorted(numbers)):
        query = select(Event.number, Event.assignee, Event.at).where(
            Event.workspace_id == reader.workspace, Event.number.in_(chunk)
        )
        for number, assignee, at in reader.session.execute(query.order_by(Event.number, Event.seq)):
            if number not in latest or latest[number][0] != assignee:
                latest[number] = assignee, at
    return {number: at for number, (_, at) in latest.items()}


def manually_kept(reader: Reader, tickets: Mapping[int, int]) -> dict[int, Event]:
    """By ticket, the last event if it gave the ticket back to its absent assignee, or assigned it to them with a
    reason.

    `held` maps numbers to the latest event's seq, so a ticket touched since then is not in it.
    """
    kept: dict[int, Event] = {}
    for chunk in in_chunks(sorted(tickets.items())):
        query = select_where(reader, Event, tuple_(Event.number, Event.seq).in_(chunk))
        kept |= {
            event.number: event
            for event in reader.session.scalars(query)
            if (event.kind == EventKind.REASSIGNED and event.data.get("did") == "undone")
            or (event.kind == EventKind.ASSIGNED and event.data.get("away"))
        }
    return kept


def mark_covered(tx: Transaction, person: str) -> None:
    update_where(
        tx,
        LeaveEntry,
        LeaveEntry.person == person,
        LeaveEntry.cancelled_at.is_(None),
        LeaveEntry.handed_at.is_(None),
        LeaveEntry.begins <= tx.now,
        handed_at=tx.now,
    )
