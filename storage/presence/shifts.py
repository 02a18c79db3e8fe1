"""Shifts: when people work beside their calendar, and so the hours of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rules.calendars.calendars import Calendar
from rules.model.policy import Policy
from rules.presence.shifts import LONGEST, Shift, with_own
from storage.schema.people import OwnShift
from storage.transaction import Work


def hours_of(
    session: Session, workspace: str, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Calendar]:
    """When each of them works from that moment on; `team` gives the hours of those who are in no team."""
    own = own_shifts(session, workspace, list(people), at=at)
    return {who: with_own(policy.calendar_for(who, team), shifts) for who, shifts in own.items()}


def own_shifts(
    session: Session, workspace: str, people: Sequence[str], *, at: datetime
) -> Mapping[str, tuple[Shift, ...]]:
    """Their own shifts that are not long over, the earliest first; what was pressed in one counts until its end."""
    found: dict[str, list[Shift]] = defaultdict(list)
    for row in standing(session, workspace, people, at=at - 2 * LONGEST):
        found[row.person].append(Shift(row.begins, row.ends))
    return {who: tuple(found[who]) for who in people}


def standing(session: Session, workspace: str, people: Sequence[str], *, at: datetime) -> Sequence[OwnShift]:
    """The shifts that were not taken back and are not over, the earliest first."""
    theirs = select(OwnShift).where(
        OwnShift.workspace_id == workspace,
        OwnShift.person.in_(people),
        OwnShift.cancelled_at.is_(None),
        OwnShift.ends > at,
    )
    return session.scalars(theirs.order_by(OwnShift.begins, OwnShift.id)).all()


def own_shift(session: Session, workspace: str, person: str, id_: int) -> OwnShift | None:
    return session.get(OwnShift, (workspace, person, id_))


def add_shift(work: Work, person: str, shift: Shift, *, by: str, uid: str | None = None) -> OwnShift:
    """One more shift of this person's own."""
    mine = (OwnShift.workspace_id == work.workspace, OwnShift.person == person)
    row = OwnShift(
        workspace_id=work.workspace,
        person=person,
        id=(work.session.scalar(select(func.max(OwnShift.id)).where(*mine)) or 0) + 1,
        begins=shift.begins,
        ends=shift.ends,
        uid=uid,
        by=by,
        at=work.now,
    )
    work.session.add(row)
    work.flush()
    return row
