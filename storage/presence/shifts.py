"""Shifts: when people work beside their calendar, and so the hours of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from rules.calendars.calendars import Calendar
from rules.model.policy import Policy
from rules.presence.shifts import LONGEST, Shift, with_own
from storage.schema.people import OwnShift
from storage.transaction import Reader, Transaction


def hours_of(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> dict[str, Calendar]:
    """When each of them works from that moment on; `team` gives the hours of those who are in no team."""
    own = own_shifts(reader, list(people), at=at)
    return {who: with_own(policy.calendar_for(who, team), shifts) for who, shifts in own.items()}


def own_shifts(reader: Reader, people: Sequence[str], *, at: datetime) -> Mapping[str, tuple[Shift, ...]]:
    """Their own shifts that are not long over, the earliest first; what was pressed in one counts until its end."""
    found: dict[str, list[Shift]] = defaultdict(list)
    for row in standing(reader, people, at=at - 2 * LONGEST):
        found[row.person].append(Shift(row.begins, row.ends))
    return {who: tuple(found[who]) for who in people}


def standing(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[OwnShift]:
    """The shifts that were not taken back and are not over, the earliest first."""
    theirs = select(OwnShift).where(
        OwnShift.workspace_id == reader.workspace,
        OwnShift.person.in_(people),
        OwnShift.cancelled_at.is_(None),
        OwnShift.ends > at,
    )
    return reader.session.scalars(theirs.order_by(OwnShift.begins, OwnShift.id)).all()


def own_shift(reader: Reader, person: str, id_: int) -> OwnShift | None:
    return reader.session.get(OwnShift, (reader.workspace, person, id_))


def add_shift(tx: Transaction, person: str, shift: Shift, *, by: str, uid: str | None = None) -> OwnShift:
    """One more shift of this person's own."""
    mine = (OwnShift.workspace_id == tx.workspace, OwnShift.person == person)
    row = OwnShift(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(OwnShift.id)).where(*mine)) or 0) + 1,
        begins=shift.begins,
        ends=shift.ends,
        uid=uid,
        by=by,
        at=tx.now,
    )
    tx.session.add(row)
    tx.flush()
    return row
