"""Leave from a person's calendar file is added, moved or cancelled."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from rules.model.policy import Policy
from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.leave_import import CalendarEntry, ImportOutcome, ImportStep, StoredLeave, plan_leave_import
from rules.text import Code, Person, _, join_texts
from services.presence import board
from services.presence.presence import check_staff, leads_of_person, work_timezone
from storage.outbox import outbox
from storage.presence.time_entries import add_leave, all_entries, end_entry, find_entry
from storage.schema.people import LeaveEntry
from storage.transaction import Reader, Transaction

SHOWN_CHANGES = (ImportOutcome.NEW, ImportOutcome.MOVED, ImportOutcome.CANCELLED)
ENTERED_BY_CALENDAR = "calendar"  # stored in place of the person who entered it


def planned_import(
    reader: Reader,
    person: str,
    entries: Sequence[CalendarEntry],
    *,
    policy: Policy,
    at: datetime,
    unread: Collection[str] = (),
    drop: bool = False,
) -> list[ImportStep]:
    """What an import would do; `drop` also cancels imported leave that is not in the file any more."""
    check_staff(policy, person)
    stored = [_stored_entry(row) for row in all_entries(reader, LeaveEntry, person)]
    return plan_leave_import(
        entries, stored, at, work_timezone(policy, person), unread_series=unread, drop_missing=drop
    )


def import_leave(
    tx: Transaction, person: str, entries: Sequence[CalendarEntry], *, unread: Collection[str] = (), drop: bool = False
) -> list[ImportStep]:
    steps = planned_import(tx, person, entries, policy=tx.policy, at=tx.now, unread=unread, drop=drop)
    for step in steps:
        _apply_step(tx, person, step)
    _notify_leads(tx, person, steps)
    board.update_boards_of(tx, person)
    return steps


def _apply_step(tx: Transaction, person: str, step: ImportStep) -> None:
    if step.outcome is ImportOutcome.NEW:
        add_leave(tx, person, step.period, by=ENTERED_BY_CALENDAR, uid=step.uid)
        return
    row = find_entry(tx, LeaveEntry, person, step.stored_id or 0)
    if row is not None and step.outcome is ImportOutcome.MOVED:
        row.begins, row.ends = step.period.begins, step.period.ends
        row.kind, row.reason = str(step.period.kind), step.period.reason
        row.by, row.at, row.cancelled_at, row.handed_at = ENTERED_BY_CALENDAR, tx.now, None, None
    elif row is not None and step.outcome is ImportOutcome.CANCELLED:
        end_entry(tx, row)


def _notify_leads(tx: Transaction, person: str, steps: Sequence[ImportStep]) -> None:
    counts = Counter(step.outcome for step in steps)
    new, moved, cancelled = (counts[outcome] for outcome in SHOWN_CHANGES)
    changes = [_("{count} new", count=new)] if new else []
    changes += [_("{count} changed", count=moved)] if moved else []
    changes += [_("{count} canceled", count=cancelled)] if cancelled else []
    if not changes:
        return
    text = _(
        "Leave of {person} imported from their calendar: {changes}. {command} shows who is here.",
        person=Person(person),
        changes=join_texts(changes, ", "),
        command=Code("/desk"),
    )
    for lead in leads_of_person(tx, person, ENTERED_BY_CALENDAR):
        outbox.notify_person(tx, lead, text=text)


def _stored_entry(row: LeaveEntry) -> StoredLeave:
    kind = LeaveKind(row.kind) if row.kind in list(LeaveKind) else LeaveKind.LEAVE
    span = LeavePeriod(row.begins, row.ends, kind, row.reason)
    return StoredLeave(row.id, row.uid or "", span, row.cancelled_at is not None)
