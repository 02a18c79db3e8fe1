"""How a calendar file's entries change the stored leave; a second import of the same file changes nothing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.presence.leave import LeavePeriod, first_overlapping_leave, leave_period_text
from rules.presence.presence import Leave
from rules.text import Code, Text, _

CAME_BACK_EARLY = _("they came back before it ended here: enter the rest with {command}", command=Code("/desk away"))


class ImportOutcome(StrEnum):
    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    SAME = "same"
    PAST = "past"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    uid: str
    series: str
    period: LeavePeriod
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class StoredLeave:
    """Stored leave; `uid` is empty where it was entered by hand."""

    id: int
    uid: str
    period: LeavePeriod
    cancelled: bool = False

    def is_current(self, now: datetime) -> bool:
        return not self.cancelled and (self.period.ends is None or self.period.ends > now)


@dataclass(frozen=True, slots=True)
class ImportStep:
    """What becomes of one entry; `stored_id` is the leave it changes, `reason` says why it was refused."""

    outcome: ImportOutcome
    uid: str
    period: LeavePeriod
    stored_id: int | None = None
    reason: Text | None = None


def plan_leave_import(
    entries: Sequence[CalendarEntry],
    stored: Sequence[StoredLeave],
    now: datetime,
    timezone: str,
    *,
    unread_series: Collection[str] = (),
    drop_missing: bool = False,
) -> list[ImportStep]:
    """The steps, the earliest first.

    1. An entry that is stored unchanged stays, also where the person cancelled it here. 2. A new or moved entry may not
    overlap other leave, but for leave that this very file takes away. 3. Leave that the file cancels, or that its
    series leaves out now, is cancelled. 4. Imported leave that the file does not contain is listed as missing, and
    cancelled only with `drop_missing`, since a person may keep leave in two calendars. `unread_series` are in the file
    but could not be read.
    """
    series, uids = {entry.series for entry in entries}, {entry.uid for entry in entries}
    by_uid = {one.uid: one for one in stored if one.uid}
    others = [one for one in stored if one.is_current(now) and one.uid not in uids]
    dropped = [one for one in others if one.uid and series_of_uid(one.uid) in series]
    in_file = series.union(unread_series)
    missing = [one for one in others if one.uid and series_of_uid(one.uid) not in in_file]
    goes = dropped + (missing if drop_missing else [])
    occupied = [_as_leave(one.period) for one in others if one not in goes]
    steps: list[ImportStep] = []
    for entry in sorted(entries, key=lambda one: one.period.begins):
        old = by_uid.get(entry.uid)
        step = _plan_entry(entry, old, occupied, now, timezone)
        if step.outcome in (ImportOutcome.NEW, ImportOutcome.MOVED, ImportOutcome.SAME) and _occupies_time(entry, old):
            occupied.append(_as_leave(entry.period))
        elif step.outcome is ImportOutcome.REFUSED and old is not None and old.is_current(now):
            occupied.append(_as_leave(old.period))
        steps.append(step)
    becomes = ImportOutcome.CANCELLED if drop_missing else ImportOutcome.MISSING
    steps += [ImportStep(ImportOutcome.CANCELLED, one.uid, one.period, one.id) for one in dropped]
    return steps + [ImportStep(becomes, one.uid, one.period, one.id) for one in missing]


def _plan_entry(
    entry: CalendarEntry, old: StoredLeave | None, taken: Iterable[Leave], now: datetime, timezone: str
) -> ImportStep:
    old_id = old.id if old is not None else None
    if entry.cancelled:
        becomes = ImportOutcome.CANCELLED if old is not None and old.is_current(now) else ImportOutcome.SAME
        return ImportStep(becomes, entry.uid, entry.period, old_id)
    if old is not None and old.period == entry.period:
        return ImportStep(ImportOutcome.SAME, entry.uid, entry.period, old.id)
    if entry.period.ends is not None and entry.period.ends <= now:
        return ImportStep(ImportOutcome.PAST, entry.uid, entry.period)
    other = first_overlapping_leave(entry.period, taken)
    if other is not None:
        period = leave_period_text(other.begins, other.ends, now, timezone)
        why = _("it overlaps leave {period}", period=period)
        return ImportStep(ImportOutcome.REFUSED, entry.uid, entry.period, old_id, why)
    if old is not None and not old.cancelled and not old.is_current(now) and old.period.begins == entry.period.begins:
        return ImportStep(ImportOutcome.REFUSED, entry.uid, entry.period, old.id, CAME_BACK_EARLY)
    return ImportStep(ImportOutcome.NEW if old is None else ImportOutcome.MOVED, entry.uid, entry.period, old_id)


def _occupies_time(entry: CalendarEntry, old: StoredLeave | None) -> bool:
    """Whether the entry is leave: not when the file cancels it, nor when the person cancelled the same period here."""
    return not entry.cancelled and (old is None or not old.cancelled or old.period != entry.period)


def entry_uid(series: str, day: str = "") -> str:
    return f"{series} @{day}" if day else series


def series_of_uid(uid: str) -> str:
    return uid.rpartition(" @")[0] or uid


def _as_leave(period: LeavePeriod) -> Leave:
    return Leave(period.begins, period.ends, str(period.kind))
