"""Shifts outside a person's calendar, and so the working hours of each."""

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
    shifts_of = shifts_by_person(reader, list(people), at=at)
    return {
        person: with_own_shifts(policy.person_calendar(person, team), shifts) for person, shifts in shifts_of.items()
    }


def shifts_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> Mapping[str, tuple[Shift, ...]]:
    """The earliest first. Shifts that ended a little earlier are included, because an action in one counts until its
    end."""
    shifts_of: dict[str, list[Shift]] = defaultdict(list)
    for row in current_shift_entries(reader, people, at=at - 2 * MAX_SHIFT):
        shifts_of[row.person].append(Shift(row.begins, row.ends))
    return {person: tuple(shifts_of[person]) for person in people}


def current_shift_entries(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[ShiftEntry]:
    query = select(ShiftEntry).where(
        ShiftEntry.workspace_id == reader.workspace,
        ShiftEntry.person.in_(people),
        ShiftEntry.cancelled_at.is_(None),
        ShiftEntry.ends > at,
    )
    return reader.session.scalars(query.order_by(ShiftEntry.begins, ShiftEntry.id)).all()


def find_shift(reader: Reader, person: str, id_: int) -> ShiftEntry | None:
    return reader.session.get(ShiftEntry, (reader.workspace, person, id_))


def add_shift(tx: Transaction, person: str, shift: Shift, *, by: str, uid: str | None = None) -> ShiftEntry:
    of_person = (ShiftEntry.workspace_id == tx.workspace, ShiftEntry.person == person)
    row = ShiftEntry(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(ShiftEntry.id)).where(*of_person)) or 0) + 1,
        begins=shift.begins,
        ends=shift.ends,
        uid=uid,
        by=by,
        at=tx.now,
    )
    tx.session.add(row)
    tx.flush()
    return row
