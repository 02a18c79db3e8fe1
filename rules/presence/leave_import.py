"""What a calendar's entries change in the leave that is kept: a second import of the same file changes nothing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.presence.leave import LeavePeriod, first_overlapping_leave, leave_period_text
from rules.presence.presence import Leave

CAME_BACK_EARLY = "they came back before it ended here: enter what is left with `/desk away`"


class ImportOutcome(StrEnum):
    """What an entry does to the leave that is kept."""

    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    SAME = "same"
    PAST = "past"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry of a calendar: its name there, that of the series it belongs to, and when it is."""

    uid: str
    series: str
    period: LeavePeriod
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class StoredLeave:
    """Leave as it is kept; `uid` is empty for what was entered by hand."""

    id: int
    uid: str
    period: LeavePeriod
    cancelled: bool = False

    def is_current(self, now: datetime) -> bool:
        return not self.cancelled and (self.period.ends is None or self.period.ends > now)


@dataclass(frozen=True, slots=True)
class ImportStep:
    """What one entry becomes; `kept` is the leave it changes, `why` what it was refused for."""

    outcome: ImportOutcome
    uid: str
    period: LeavePeriod
    stored_id: int | None = None
    reason: str = ""


def plan_leave_import(
    entries: Sequence[CalendarEntry],
    stored: Sequence[StoredLeave],
    now: datetime,
    timezone: str,
    *,
    unread_series: Collection[str] = (),
    drop_missing: bool = False,
) -> list[ImportStep]:
    """What the entries do, the earliest first.

    1. An entry that is kept as it is stays, also where the person took it back here. 2. One that is new or moved may
    not lie over other leave. 3. What the file cancels, or a series leaves out now, is not leave any more. 4. What came
    from a calendar and is not in this file at all is named; with `drop` it is not leave any more either, since a person
    may keep it in two calendars. `unread` are series that are in the file and could not be believed.
    """
    there = {entry.series for entry in entries} | set(unread_series)
    missing = [one for one in stored if one.uid and one.is_current(now) and series_of_uid(one.uid) not in there]
    named = {entry.uid for entry in entries}
    by_uid = {one.uid: one for one in stored if one.uid}
    standing = [
        one for one in stored if one.is_current(now) and one.uid not in named and not (drop_missing and one in missing)
    ]
    taken = [_as_leave(one.period) for one in standing]
    steps: list[ImportStep] = []
    for entry in sorted(entries, key=lambda one: one.period.begins):
        step = _plan_entry(entry, by_uid.get(entry.uid), taken, now, timezone)
        if step.outcome in (ImportOutcome.NEW, ImportOutcome.MOVED, ImportOutcome.SAME) and _occupies_time(
            entry, by_uid
        ):
            taken.append(_as_leave(entry.period))
        steps.append(step)
    becomes = ImportOutcome.CANCELLED if drop_missing else ImportOutcome.MISSING
    gone = [ImportStep(becomes, one.uid, one.period, one.id) for one in missing]
    return [*steps, *_dropped_days({entry.series for entry in entries}, named, stored, now), *gone]


def _plan_entry(
    entry: CalendarEntry, old: StoredLeave | None, taken: Iterable[Leave], now: datetime, timezone: str
) -> ImportStep:
    if entry.cancelled:
        becomes = ImportOutcome.CANCELLED if old is not None and old.is_current(now) else ImportOutcome.SAME
        return ImportStep(becomes, entry.uid, entry.period, old.id if old else None)
    if old is not None and old.period == entry.period:
        return ImportStep(ImportOutcome.SAME, entry.uid, entry.period, old.id)
    if entry.period.ends is not None and entry.period.ends <= now:
        return ImportStep(ImportOutcome.PAST, entry.uid, entry.period)
    other = first_overlapping_leave(entry.period, taken)
    if other is not None:
        why = f"it lies over leave {leave_period_text(other.begins, other.ends, now, timezone)}"
        return ImportStep(ImportOutcome.REFUSED, entry.uid, entry.period, old.id if old else None, why)
    if old is not None and not old.cancelled and not old.is_current(now) and old.period.begins == entry.period.begins:
        return ImportStep(ImportOutcome.REFUSED, entry.uid, entry.period, old.id, CAME_BACK_EARLY)
    return ImportStep(
        ImportOutcome.NEW if old is None else ImportOutcome.MOVED, entry.uid, entry.period, old.id if old else None
    )


def _occupies_time(entry: CalendarEntry, by_uid: dict[str, StoredLeave]) -> bool:
    """Whether it is leave: not what is cancelled in the file, nor what the person took back and nobody changed."""
    old = by_uid.get(entry.uid)
    return not entry.cancelled and (old is None or not old.cancelled or old.period != entry.period)


def _dropped_days(
    series: set[str], uids: set[str], stored: Sequence[StoredLeave], now: datetime
) -> Iterator[ImportStep]:
    """Days of a series that is in the file, but not these days any more."""
    for one in stored:
        if one.uid and one.uid not in uids and series_of_uid(one.uid) in series and one.is_current(now):
            yield ImportStep(ImportOutcome.CANCELLED, one.uid, one.period, one.id)


def entry_uid(series: str, day: str = "") -> str:
    """The name of an entry: that of its series, and its day there where it repeats."""
    return f"{series} @{day}" if day else series


def series_of_uid(uid: str) -> str:
    return uid.rpartition(" @")[0] or uid


def _as_leave(period: LeavePeriod) -> Leave:
    return Leave(period.begins, period.ends, str(period.kind))
