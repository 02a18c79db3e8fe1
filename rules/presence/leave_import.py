"""What a calendar's entries change in the leave that is kept: a second import of the same file changes nothing."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.presence.leave import Span, first_overlap, spoken
from rules.presence.presence import Leave

CAME_BACK = "they came back before it ended here: enter what is left with `/desk away`"


class Becomes(StrEnum):
    """What an entry does to the leave that is kept."""

    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    SAME = "same"
    PAST = "past"
    MISSING = "missing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar: its name there, that of the series it belongs to, and when it is."""

    uid: str
    series: str
    span: Span
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Leave as it is kept; `uid` is empty for what was entered by hand."""

    id: int
    uid: str
    span: Span
    cancelled: bool = False

    def stands(self, now: datetime) -> bool:
        return not self.cancelled and (self.span.ends is None or self.span.ends > now)


@dataclass(frozen=True, slots=True)
class Step:
    """What one entry becomes; `kept` is the leave it changes, `why` what it was refused for."""

    becomes: Becomes
    uid: str
    span: Span
    kept: int | None = None
    why: str = ""


def plan(
    entries: Sequence[Entry],
    kept: Sequence[Kept],
    now: datetime,
    place: str,
    *,
    unread: Collection[str] = (),
    drop: bool = False,
) -> list[Step]:
    """What the entries do, the earliest first.

    1. An entry that is kept as it is stays, also where the person took it back here. 2. One that is new or moved may
    not lie over other leave. 3. What the file cancels, or a series leaves out now, is not leave any more. 4. What came
    from a calendar and is not in this file at all is named; with `drop` it is not leave any more either, since a person
    may keep it in two calendars. `unread` are series that are in the file and could not be believed.
    """
    there = {entry.series for entry in entries} | set(unread)
    missing = [one for one in kept if one.uid and one.stands(now) and series_of(one.uid) not in there]
    named = {entry.uid for entry in entries}
    by_uid = {one.uid: one for one in kept if one.uid}
    standing = [one for one in kept if one.stands(now) and one.uid not in named and not (drop and one in missing)]
    taken = [_leave(one.span) for one in standing]
    steps: list[Step] = []
    for entry in sorted(entries, key=lambda one: one.span.begins):
        step = _step(entry, by_uid.get(entry.uid), taken, now, place)
        if step.becomes in (Becomes.NEW, Becomes.MOVED, Becomes.SAME) and _counts(entry, by_uid):
            taken.append(_leave(entry.span))
        steps.append(step)
    becomes = Becomes.CANCELLED if drop else Becomes.MISSING
    gone = [Step(becomes, one.uid, one.span, one.id) for one in missing]
    return [*steps, *_left_out({entry.series for entry in entries}, named, kept, now), *gone]


def _step(entry: Entry, old: Kept | None, taken: Iterable[Leave], now: datetime, place: str) -> Step:
    if entry.cancelled:
        becomes = Becomes.CANCELLED if old is not None and old.stands(now) else Becomes.SAME
        return Step(becomes, entry.uid, entry.span, old.id if old else None)
    if old is not None and old.span == entry.span:
        return Step(Becomes.SAME, entry.uid, entry.span, old.id)
    if entry.span.ends is not None and entry.span.ends <= now:
        return Step(Becomes.PAST, entry.uid, entry.span)
    other = first_overlap(entry.span, taken)
    if other is not None:
        why = f"it lies over leave {spoken(other.begins, other.ends, now, place)}"
        return Step(Becomes.REFUSED, entry.uid, entry.span, old.id if old else None, why)
    if old is not None and not old.cancelled and not old.stands(now) and old.span.begins == entry.span.begins:
        return Step(Becomes.REFUSED, entry.uid, entry.span, old.id, CAME_BACK)
    return Step(Becomes.NEW if old is None else Becomes.MOVED, entry.uid, entry.span, old.id if old else None)


def _counts(entry: Entry, by_uid: dict[str, Kept]) -> bool:
    """Whether it is leave: not what is cancelled in the file, nor what the person took back and nobody changed."""
    old = by_uid.get(entry.uid)
    return not entry.cancelled and (old is None or not old.cancelled or old.span != entry.span)


def _left_out(series: set[str], named: set[str], kept: Sequence[Kept], now: datetime) -> Iterator[Step]:
    """Days of a series that is in the file, but not these days any more."""
    for one in kept:
        if one.uid and one.uid not in named and series_of(one.uid) in series and one.stands(now):
            yield Step(Becomes.CANCELLED, one.uid, one.span, one.id)


def uid_of(series: str, day: str = "") -> str:
    """The name of an entry: that of its series, and its day there where it repeats."""
    return f"{series} @{day}" if day else series


def series_of(uid: str) -> str:
    return uid.rpartition(" @")[0] or uid


def _leave(span: Span) -> Leave:
    return Leave(span.begins, span.ends, str(span.kind))
