"""Leave from a person's calendar is brought in, moved or taken back, as the file says now."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from rules.model.policy import Policy
from rules.presence.leave import LeaveKind, Span
from rules.presence.leave_import import Becomes, Entry, Kept, Step, plan
from services.presence import board
from services.presence.presence import leads_told, of_the_desk, place_of
from storage.outbox import outbox
from storage.presence.presence import absence, add_absence, all_of
from storage.schema.people import Absence
from storage.transaction import Reader, Transaction

CHANGES = (Becomes.NEW, Becomes.MOVED, Becomes.CANCELLED)
CALENDAR = "calendar"  # who entered it, where no person did


def planned(
    reader: Reader,
    person: str,
    entries: Sequence[Entry],
    *,
    policy: Policy,
    at: datetime,
    unread: Collection[str] = (),
    drop: bool = False,
) -> list[Step]:
    """What bringing them in would do; `drop` takes back what came from a calendar and is not in it any more."""
    of_the_desk(policy, person)
    kept = [_kept(row) for row in all_of(reader, person)]
    return plan(entries, kept, at, place_of(policy, person), unread=unread, drop=drop)


def bring(
    tx: Transaction, person: str, entries: Sequence[Entry], *, unread: Collection[str] = (), drop: bool = False
) -> list[Step]:
    """Does it, in one transaction; the person's leads read what changed."""
    steps = planned(tx, person, entries, policy=tx.policy, at=tx.now, unread=unread, drop=drop)
    for step in steps:
        _done(tx, person, step)
    _tell(tx, person, steps)
    board.show_where(tx, person)
    return steps


def _done(tx: Transaction, person: str, step: Step) -> None:
    if step.becomes is Becomes.NEW:
        add_absence(tx, person, step.span, by=CALENDAR, uid=step.uid)
        return
    row = absence(tx, person, step.kept or 0)
    if row is not None and step.becomes is Becomes.MOVED:
        row.begins, row.ends = step.span.begins, step.span.ends
        row.kind, row.reason = str(step.span.kind), step.span.reason
        row.by, row.at, row.cancelled_at, row.handed_at = CALENDAR, tx.now, None, None
    elif row is not None and step.becomes is Becomes.CANCELLED:
        _end(row, tx.now)


def _end(row: Absence, now: datetime) -> None:
    if row.begins <= now:
        row.ends = now
    else:
        row.cancelled_at = now


def _tell(tx: Transaction, person: str, steps: Sequence[Step]) -> None:
    counts = Counter(step.becomes for step in steps)
    said = ", ".join(f"{counts[one]} {one}" for one in CHANGES if counts[one])
    for lead in leads_told(tx, person, CALENDAR) if said else ():
        words = f"The leave of <@{person}> was brought in from their calendar: {said}. `/desk` shows who is here."
        outbox.notice(tx, lead, number=None, words=words)


def _kept(row: Absence) -> Kept:
    kind = LeaveKind(row.kind) if row.kind in list(LeaveKind) else LeaveKind.LEAVE
    span = Span(row.begins, row.ends, kind, row.reason)
    return Kept(row.id, row.uid or "", span, row.cancelled_at is not None)
