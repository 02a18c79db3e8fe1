"""Entries in people's time, leave and shifts of their own, and the working hours that follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, or_, select

from rules.calendars.calendars import Calendar
from rules.model.policy import Policy
from rules.presence.leave import LeavePeriod
from rules.presence.presence import Leave
from rules.presence.shifts import MAX_SHIFT, Shift, with_own_shifts
from storage.schema.people import LeaveEntry, ShiftEntry, TimeEntry
from storage.transaction import Reader, Transaction, all_where, first_where

E = TypeVar("E", bound=TimeEntry)


def working_hours(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Calendar]:
    """The hours of each from that moment on; `team` gives the hours of people without a team."""
    own = shifts_by_person(reader, list(people), at=at)
    return {who: with_own_shifts(policy.person_calendar(who, team), shifts) for who, shifts in own.items()}


def leave_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, list[Leave]]:
    """Their leave that is not over yet, the earliest first; each person has a list."""
    by_person: dict[str, list[Leave]] = defaultdict(list)
    for row in current_entries(reader, LeaveEntry, people, at=at):
        by_person[row.person].append(Leave(row.begins, row.ends, row.kind))
    return {who: by_person[who] for who in people}


def shifts_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> Mapping[str, tuple[Shift, ...]]:
    """Their own shifts that are not long over, the earliest first; a status set in one counts until its end."""
    by_person: dict[str, list[Shift]] = defaultdict(list)
    for row in current_entries(reader, ShiftEntry, people, at=at - 2 * MAX_SHIFT):
        by_person[row.person].append(Shift(row.begins, row.ends))
    return {who: tuple(by_person[who]) for who in people}


def current_entries(
    reader: Reader, category: type[E], people: Sequence[str], *, at: datetime, until: datetime | None = None
) -> Sequence[E]:
    """The entries that are neither cancelled nor over, the earliest first; with `until` those that begin before it."""
    is_current = [category.cancelled_at.is_(None), or_(category.ends.is_(None), category.ends > at)]
    is_current += [category.begins < until] if until is not None else []
    order = (category.begins, category.id)
    return all_where(reader, category, category.person.in_(people), *is_current, order_by=order)


def all_entries(reader: Reader, category: type[E], person: str) -> Sequence[E]:
    """Cancelled entries included, the earliest first."""
    return all_where(reader, category, category.person == person, order_by=(category.begins, category.id))


def find_entry(reader: Reader, category: type[E], person: str, id_: int) -> E | None:
    return first_where(reader, category, category.person == person, category.id == id_)


def add_leave(tx: Transaction, person: str, span: LeavePeriod, *, by: str, uid: str | None = None) -> LeaveEntry:
    kind, reason = str(span.kind), span.reason
    leave = LeaveEntry(person=person, begins=span.begins, ends=span.ends, kind=kind, reason=reason, by=by, uid=uid)
    return _add_entry(tx, leave)


def add_shift(tx: Transaction, person: str, shift: Shift, *, by: str, uid: str | None = None) -> ShiftEntry:
    return _add_entry(tx, ShiftEntry(person=person, begins=shift.begins, ends=shift.ends, by=by, uid=uid))


def end_entry(tx: Transaction, entry: TimeEntry) -> None:
    """An entry that has begun ends now; one to come is cancelled, as if it had not been entered."""
    if entry.begins <= tx.now:
        entry.ends = tx.now
    else:
        entry.cancelled_at = tx.now


def _add_entry(tx: Transaction, entry: E) -> E:
    category = type(entry)
    newest = select(func.max(category.id)).where(category.workspace_id == tx.workspace, category.person == entry.person)
    entry.workspace_id, entry.id, entry.at = tx.workspace, (tx.session.scalar(newest) or 0) + 1, tx.now
    tx.session.add(entry)
    tx.flush()
    return entry
