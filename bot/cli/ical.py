"""Reads an iCalendar file as leave entries; each invalid event is named with its line, its UID and the reason."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Component

from rules.calendars.timezones import first_moment_showing, time_zone
from rules.errors import Refused
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, LeavePeriod, leave_kind_named
from rules.presence.leave_import import CalendarEntry, entry_uid
from rules.presence.presence import MAX_LOOKAHEAD

MAX_UID_LENGTH = 120
MAX_SERIES_DAYS = 500  # days of one series
TOO_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")
READ_PROPERTIES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "RECURRENCE-ID", "STATUS", "SUMMARY")
_ONE_DAY = timedelta(days=1)

EventFacts = dict[str, Any]


class IcalFileRefused(Refused):
    """The file as a whole cannot be read; nothing was changed."""


class BadIcalEntry(Refused):
    """One event is invalid; the text is the reason, written as the end of a sentence."""


@dataclass(slots=True)
class IcalEntries:
    """`faults` are sentences about skipped events, `unread_series` the ids of their series."""

    entries: list[CalendarEntry] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    names_by_uid: dict[str, str] = field(default_factory=dict)
    unread_series: set[str] = field(default_factory=set)


def read_ical_file(file: Path, now: datetime, place: str) -> IcalEntries:
    """Entries from `now` on; IcalFileRefused for another kind of file. `place` is the zone of times without one."""
    raw = _read_bytes(file)
    try:
        calendars = Calendar.from_ical(raw, multiple=True)
    except (ValueError, KeyError, IndexError) as error:
        reason = " ".join(str(error).split())[:200]
        raise IcalFileRefused(f"{file}: this is not an iCalendar file ({reason}).") from None
    if not calendars:
        raise IcalFileRefused(f"{file}: this is not an iCalendar file: it is empty.")
    lines = raw.decode("utf-8", "replace").splitlines()
    result = IcalEntries()
    for calendar in calendars:
        zone_name = str(calendar.get("X-WR-TIMEZONE") or place)
        for uid, events in _events_by_uid(calendar).items():
            name = _entry_name(file.name, lines, uid, events[0])
            try:
                entries = list(_leave_entries(uid, events, now, zone_name if _is_time_zone(zone_name) else place))
            except BadIcalEntry as reason:
                result.faults.append(f"{name}: skipped, {reason}.")
                result.unread_series.add(_series_id(uid))
            else:
                result.entries += entries
                result.names_by_uid |= {entry.uid: name for entry in entries}
    return result


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise IcalFileRefused(f"{file}: this file cannot be read: {error.strerror}.") from None


def _events_by_uid(calendar: Component) -> dict[str, list[Component]]:
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for event in calendar.walk("VEVENT"):
        by_uid[str(event.get("UID") or "")].append(event)
    return by_uid


def _leave_entries(uid: str, events: list[Component], now: datetime, place: str) -> Iterator[CalendarEntry]:
    if not uid:
        raise BadIcalEntry("it has no UID, so a second import could not know it again")
    facts = [_event_facts(event) for event in events]
    for one in facts:
        _check_event(one)
    series = _series_id(uid)
    if len(facts) == 1 and not (facts[0]["RRULE"] or facts[0]["RDATE"]):
        yield _leave_entry(facts[0], series, "", place)
        return
    for one in _series_days(events, now):
        yield _leave_entry(one, series, one["RECURRENCE-ID"].dt.isoformat(), place)


def _event_facts(event: Component) -> EventFacts:
    properties = {name: event.get(name) for name in READ_PROPERTIES}
    return properties | {"errors": event.errors, "CATEGORIES": list(getattr(event, "categories", ()))}


def _check_event(one: EventFacts) -> None:
    """BadIcalEntry when its time is missing, impossible or unsupported."""
    for name, error in one["errors"]:
        raise BadIcalEntry(f"{name} cannot be read: {' '.join(str(error).split())[:120]}")
    if one["DTSTART"] is None:
        raise BadIcalEntry("it does not say when it begins")
    start, end = one["DTSTART"].dt, one["DTEND"]
    if end is not None and (type(end.dt) is not type(start) or _comparable_time(end.dt) < _comparable_time(start)):
        raise BadIcalEntry("it ends before it begins")
    if any(str(often).upper() in TOO_FREQUENT for often in (one["RRULE"] or {}).get("FREQ", [])):
        raise BadIcalEntry("it repeats more often than daily")
    if str(one["STATUS"]).upper() == "TENTATIVE":
        raise BadIcalEntry("it is not confirmed yet")


def _series_days(events: list[Component], now: datetime) -> list[EventFacts]:
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    try:
        days = recurring_ical_events.of(calendar).between(now, now + MAX_LOOKAHEAD)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadIcalEntry(f"its repetition cannot be read: {' '.join(str(error).split())[:120]}") from None
    if len(days) > MAX_SERIES_DAYS:
        raise BadIcalEntry(f"it repeats more than {MAX_SERIES_DAYS} times in a year")
    return [_event_facts(one) for one in days]


def _leave_entry(one: EventFacts, series: str, day: str, place: str) -> CalendarEntry:
    begins, ends = _utc_moment(one["DTSTART"].dt, place), _utc_moment(_event_end(one), place)
    if ends <= begins:
        raise BadIcalEntry("it does not say when it ends")
    summary = " ".join(str(one["SUMMARY"] or "").split())
    span = LeavePeriod(begins, ends, _leave_kind(one, summary), summary[:MAX_REASON_LENGTH])
    return CalendarEntry(entry_uid(series, day), series, span, str(one["STATUS"]).upper() == "CANCELLED")


def _event_end(one: EventFacts) -> date:
    """Exclusive; an all-day event without an end lasts one day."""
    start: date = one["DTSTART"].dt
    end: date | None = one["DTEND"].dt if one["DTEND"] is not None else None
    if end is None and one["DURATION"] is not None:
        end = start + one["DURATION"].dt
    return end or (start if isinstance(start, datetime) else start + _ONE_DAY)


def _utc_moment(at: date, place: str) -> datetime:
    """A day, and a time without a zone, are in the zone `place`."""
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(UTC)
    day, clock_time = (at.date(), at.time()) if isinstance(at, datetime) else (at, time())
    return datetime.fromtimestamp(first_moment_showing(place, day, clock_time), UTC)


def _comparable_time(at: date) -> datetime:
    if not isinstance(at, datetime):
        return datetime.combine(at, time(), UTC)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _leave_kind(one: EventFacts, summary: str) -> LeaveKind:
    """The first word of the categories or the summary that names a kind."""
    kinds = (leave_kind_named(word) for word in " ".join([*map(str, one["CATEGORIES"]), summary]).split())
    return next((kind for kind in kinds if kind is not None), LeaveKind.LEAVE)


def _entry_name(file: str, lines: list[str], uid: str, event: Component) -> str:
    numbers = (number for number, text in enumerate(lines, start=1) if uid and text.strip() == f"UID:{uid}")
    place = f"{file}:{next(numbers, 1)}" if uid else file
    summary = " ".join(str(event.get("SUMMARY", "")).split())[:60]
    return f"{place}: {uid[:80] or 'an entry'}" + (f" ({summary})" if summary else "")


def _series_id(uid: str) -> str:
    return uid if len(uid) <= MAX_UID_LENGTH else hashlib.sha256(uid.encode()).hexdigest()


def _is_time_zone(name: str) -> bool:
    try:
        time_zone(name)
    except Refused:
        return False
    return True
