"""An iCalendar file as entries of leave; what cannot be believed is named with its line, its UID and the reason."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Component

from rules.calendars.timezones import first_reading, zone
from rules.errors import DeskError
from rules.presence.leave import LONGEST_REASON, LeaveKind, Span, kind_of
from rules.presence.leave_import import Entry, uid_of
from rules.presence.presence import FARTHEST

LONGEST_UID = 120
MOST = 500  # days of one series
TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
LOOKED_AT = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "RECURRENCE-ID", "STATUS", "SUMMARY")
_ONE_DAY = timedelta(days=1)

Facts = dict[str, Any]


class CalendarRefused(DeskError):
    """The file as a whole cannot be read; the sentence says why, and nothing was changed."""


class BadEntry(DeskError):
    """One entry cannot be believed; the text is the reason, as the end of a sentence."""


@dataclass(slots=True)
class Read:
    """What a file says, and what of it was left out, as sentences; `unread` are the names of that."""

    entries: list[Entry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def read_calendar(file: Path, now: datetime, place: str) -> Read:
    """Every entry from now on; CalendarRefused when it is no such file. `place` is where times without a zone are."""
    raw = _bytes(file)
    try:
        calendars = Calendar.from_ical(raw, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        why = " ".join(str(error).split())[:200]
        raise CalendarRefused(f"{file}: this is not an iCalendar file ({why}).") from None
    if not calendars:
        raise CalendarRefused(f"{file}: this is not an iCalendar file: it is empty.")
    lines = raw.decode("utf-8", "replace").splitlines()
    read = Read()
    for calendar in calendars:
        here = str(calendar.get("X-WR-TIMEZONE") or place)
        for uid, events in _by_uid(calendar).items():
            name = _named(file.name, lines, uid, events[0])
            try:
                found = list(_entries(uid, events, now, here if _is_zone(here) else place))
            except BadEntry as reason:
                read.faults.append(f"{name}: skipped, {reason}.")
                read.unread.add(_short(uid))
            else:
                read.entries += found
                read.named |= {entry.uid: name for entry in found}
    return read


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CalendarRefused(f"{file}: this file cannot be read: {error.strerror}.") from None


def _by_uid(calendar: Component) -> dict[str, list[Component]]:
    found: dict[str, list[Component]] = defaultdict(list)
    for event in calendar.walk("VEVENT"):
        found[str(event.get("UID") or "")].append(event)
    return found


def _entries(uid: str, events: list[Component], now: datetime, place: str) -> Iterator[Entry]:
    if not uid:
        raise BadEntry("it has no UID, so a second import could not know it again")
    facts = [_facts(event) for event in events]
    for one in facts:
        _check(one)
    series = _short(uid)
    if len(facts) == 1 and not (facts[0]["RRULE"] or facts[0]["RDATE"]):
        yield _entry(facts[0], series, "", place)
        return
    for one in _repeated(events, now):
        yield _entry(one, series, one["RECURRENCE-ID"].dt.isoformat(), place)


def _facts(event: Component) -> Facts:
    """What we look at of an entry; None for what it does not say."""
    said = {name: event.get(name) for name in LOOKED_AT}
    return said | {"errors": event.errors, "CATEGORIES": list(getattr(event, "categories", ()))}


def _check(one: Facts) -> None:
    """BadEntry where it is not said when it is, or where that cannot be."""
    for name, error in one["errors"]:
        raise BadEntry(f"{name} cannot be read: {' '.join(str(error).split())[:120]}")
    if one["DTSTART"] is None:
        raise BadEntry("it does not say when it begins")
    start, end = one["DTSTART"].dt, one["DTEND"]
    if end is not None and (type(end.dt) is not type(start) or _naive(end.dt) < _naive(start)):
        raise BadEntry("it ends before it begins")
    if any(str(often).upper() in TOO_OFTEN for often in (one["RRULE"] or {}).get("FREQ", [])):
        raise BadEntry("it repeats more often than daily")
    if str(one["STATUS"]).upper() == "TENTATIVE":
        raise BadEntry("it is not confirmed yet")


def _repeated(events: list[Component], now: datetime) -> list[Facts]:
    """The days of a series that are still to come, as the library finds them."""
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    try:
        found = recurring_ical_events.of(calendar).between(now, now + FARTHEST)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadEntry(f"its repetition cannot be read: {' '.join(str(error).split())[:120]}") from None
    if len(found) > MOST:
        raise BadEntry(f"it repeats more than {MOST} times in a year")
    return [_facts(one) for one in found]


def _entry(one: Facts, series: str, day: str, place: str) -> Entry:
    begins, ends = _moment(one["DTSTART"].dt, place), _moment(_end(one), place)
    if ends <= begins:
        raise BadEntry("it does not say when it ends")
    summary = " ".join(str(one["SUMMARY"] or "").split())
    span = Span(begins, ends, _kind(one, summary), summary[:LONGEST_REASON])
    return Entry(uid_of(series, day), series, span, str(one["STATUS"]).upper() == "CANCELLED")


def _end(one: Facts) -> date:
    """The moment after it: a day without an end is that day."""
    start: date = one["DTSTART"].dt
    end: date | None = one["DTEND"].dt if one["DTEND"] is not None else None
    if end is None and one["DURATION"] is not None:
        end = start + one["DURATION"].dt
    return end or (start if isinstance(start, datetime) else start + _ONE_DAY)


def _moment(at: date, place: str) -> datetime:
    """A day begins, and a time without a zone is read, by the clock of that place."""
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(UTC)
    day, reading = (at.date(), at.time()) if isinstance(at, datetime) else (at, time())
    return datetime.fromtimestamp(first_reading(place, day, reading), UTC)


def _naive(at: date) -> datetime:
    if not isinstance(at, datetime):
        return datetime.combine(at, time(), UTC)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _kind(one: Facts, summary: str) -> LeaveKind:
    """The first word that names a kind, in the categories or in the summary."""
    found = (kind_of(word) for word in " ".join([*map(str, one["CATEGORIES"]), summary]).split())
    return next((kind for kind in found if kind is not None), LeaveKind.LEAVE)


def _named(file: str, lines: list[str], uid: str, event: Component) -> str:
    """Where it stands, and what it is called."""
    begun = (number for number, text in enumerate(lines, start=1) if uid and text.strip() == f"UID:{uid}")
    place = f"{file}:{next(begun, 1)}" if uid else file
    summary = " ".join(str(event.get("SUMMARY", "")).split())[:60]
    return f"{place}: {uid[:80] or 'an entry'}" + (f" ({summary})" if summary else "")


def _short(uid: str) -> str:
    return uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except DeskError:
        return False
    return True
