"""Shifts: when people work beside their calendar, and so the hours of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from rules.calendars.calendars import Calendar
from rules.model.policy import Policy
from rules.presence.shifts import MAX_SHIFT, Shift, with_own_shifts
from storage.schema.people import ShiftEntry
from storage.transaction import Reader, Transaction


def working_hours(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Calendar]:
    """When each of them works from that moment on; `team` gives the hours of those who are in no team."""
    own = shifts_by_person(reader, list(people), at=at)
    return {who: with_own_shifts(policy.person_calendar(who, team), shifts) for who, shifts in own.items()}


def shifts_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> Mapping[str, tuple[Shift, ...]]:
    """Their own shifts that are not long over, the earliest first; what was pressed in one counts until its end."""
    found: dict[str, list[Shift]] = defaultdict(list)
    for row in current_shift_entries(reader, people, at=at - 2 * MAX_SHIFT):
        found[row.person].append(Shift(row.begins, row.ends))
    return {who: tuple(found[who]) for who in people}


def current_shift_entries(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[ShiftEntry]:
    """The shifts that were not taken back and are not over, the earliest first."""
    theirs = select(ShiftEntry).where(
        ShiftEntry.workspace_id == reader.workspace,
        ShiftEntry.person.in_(people),
        ShiftEntry.cancelled_at.is_(None),
        ShiftEntry.ends > at,
    )
    return reader.session.scalars(theirs.order_by(ShiftEntry.begins, ShiftEntry.id)).all()


def find_shift(reader: Reader, person: str, id_: int) -> ShiftEntry | None:
    return reader.session.get(ShiftEntry, (reader.workspace, person, id_))


def add_shift(tx: Transaction, person: str, shift: Shift, *, by: str, uid: str | None = None) -> ShiftEntry:
    """One more shift of this person's own."""
    mine = (ShiftEntry.workspace_id == tx.workspace, ShiftEntry.person == person)
    row = ShiftEntry(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(ShiftEntry.id)).where(*mine)) or 0) + 1,
        begins=shift.begins,
        ends=shift.ends,
        uid=uid,
        by=by,
        at=tx.now,
    )
    tx.session.add(row)
    tx.flush()
    return row
