"""Reads an iCalendar file as leave entries; each invalid event is named with its line, its UID and the reason."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import recurring_ical_events
from icalendar import Calendar, Component

from bot.time_limits import TookTooLong, time_limit
from rules.calendars.timezones import first_moment_showing, time_zone
from rules.errors import Refused
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, LeavePeriod, leave_kind_named
from rules.presence.leave_import import CalendarEntry, entry_uid
from rules.presence.presence import MAX_LOOKAHEAD
from rules.text import Text, _

MAX_UID_LENGTH = 120
MAX_FILE_BYTES = 10_000_000
MAX_EVENTS = 20_000  # in a file, past ones too
MAX_ENTRIES = 1000  # from today on: a person is away on fewer days
MAX_SERIES_DAYS = 500  # days of one series
READ_TIMEOUT_SECONDS = 30.0
SERIES_TIMEOUT_SECONDS = 2.0
TOO_FREQUENT = ("SECONDLY", "MINUTELY", "HOURLY")
TIMES_OF_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
READ_PROPERTIES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "RECURRENCE-ID", "STATUS", "SUMMARY")
# Calendars write "always" and "for good" as the first and the last day that a date can be.
BEGINNING_OF_TIME = datetime(1970, 1, 2, tzinfo=UTC)
FOR_GOOD_FROM_YEAR = 2200
_ONE_DAY = timedelta(days=1)

EventFacts = dict[str, Any]


class IcalFileRefused(Refused):
    """The file as a whole cannot be read; nothing was changed."""


class IcalFileTooLarge(IcalFileRefused):
    def __init__(self, file: Path, fault: Text) -> None:
        remedy = _("{file} {fault}. Nothing was changed: export the coming year alone.", file=str(file), fault=fault)
        super().__init__(remedy)


class BadIcalEntry(Refused):
    """One event is invalid; the text is the reason, written as the end of a sentence."""


@dataclass(slots=True)
class IcalEntries:
    """`faults` are sentences about skipped events, `unread_series` the ids of their series."""

    entries: list[CalendarEntry] = field(default_factory=list)
    faults: list[Text] = field(default_factory=list)
    names_by_uid: dict[str, str] = field(default_factory=dict)
    unread_series: set[str] = field(default_factory=set)


def read_ical_file(file: Path, now: datetime, place: str) -> IcalEntries:
    """Entries from `now` on; IcalFileRefused for another kind of file. `place` is the zone of times without one."""
    raw, deadline = _read_bytes(file), monotonic() + READ_TIMEOUT_SECONDS
    calendars = _parse_calendars(file, raw)
    if sum(len(calendar.walk("VEVENT")) for calendar in calendars) > MAX_EVENTS:
        raise IcalFileTooLarge(file, _("has more than {most} entries", most=MAX_EVENTS))
    lines_of_uids = _lines_of_uids(raw)
    result = IcalEntries()
    for calendar in calendars:
        zone_name = str(calendar.get("X-WR-TIMEZONE") or place)
        for uid, events in _events_by_uid(calendar).items():
            name = _entry_name(file.name, lines_of_uids.get(uid), uid, events[0])
            try:
                if monotonic() > deadline:
                    raise IcalFileTooLarge(file, _("takes too long to read"))
                entries = _read_series(uid, events, now, zone_name if _is_time_zone(zone_name) else place)
            except BadIcalEntry as reason:
                result.faults.append(_("{entry}: skipped, {reason}.", entry=name, reason=reason.text))
                result.unread_series.add(_series_id(uid))
            else:
                result.entries += entries
                result.names_by_uid |= {entry.uid: name for entry in entries}
    if sum(entry.period.ends is None or entry.period.ends > now for entry in result.entries) > MAX_ENTRIES:
        raise IcalFileTooLarge(file, _("has more than {most} entries from today on", most=MAX_ENTRIES))
    return result


def _read_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as content:
            raw = content.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sentence = _("{file}: this file cannot be read: {reason}.", file=str(file), reason=reason)
        raise IcalFileRefused(sentence) from None
    if len(raw) > MAX_FILE_BYTES:
        raise IcalFileTooLarge(file, _("is larger than {most} MB", most=MAX_FILE_BYTES // 1_000_000))
    return raw


def _parse_calendars(file: Path, raw: bytes) -> list[Calendar]:
    try:
        with time_limit(READ_TIMEOUT_SECONDS):
            calendars = Calendar.from_ical(raw, multiple=True)
    except TookTooLong:
        raise IcalFileTooLarge(file, _("takes too long to read")) from None
    except Exception as error:  # the parser raises errors of any type on an unknown file
        sentence = _("{file}: this is not an iCalendar file ({reason}).", file=str(file), reason=_reason(error))
        raise IcalFileRefused(sentence) from None
    if not calendars:
        raise IcalFileRefused(_("{file}: this is not an iCalendar file: it is empty.", file=str(file)))
    return calendars


def _lines_of_uids(raw: bytes) -> dict[str, int]:
    """The line on which each UID comes first."""
    lines = enumerate(raw.decode("utf-8", "replace").splitlines(), start=1)
    numbered = [(text.strip().removeprefix("UID:"), number) for number, text in lines if text.startswith("UID:")]
    return dict(reversed(numbered))


def _read_series(uid: str, events: list[Component], now: datetime, place: str) -> list[CalendarEntry]:
    try:
        with time_limit(SERIES_TIMEOUT_SECONDS):
            return list(_leave_entries(uid, events, now, place))
    except BadIcalEntry:
        raise
    except TookTooLong:
        raise BadIcalEntry(_("its repetition takes too long to work out")) from None
    except Exception as error:  # the libraries raise errors of any type on an unknown entry
        raise BadIcalEntry(_("it cannot be read: {reason}", reason=_reason(error))) from None


def _events_by_uid(calendar: Component) -> dict[str, list[Component]]:
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for event in calendar.walk("VEVENT"):
        by_uid[str(event.get("UID") or "")].append(event)
    return by_uid


def _leave_entries(uid: str, events: list[Component], now: datetime, place: str) -> Iterator[CalendarEntry]:
    if not uid:
        raise BadIcalEntry(_("it has no UID, so a second import could not recognise it"))
    facts = [_event_facts(event) for event in events]
    for one in facts:
        _check_event(one)
    series = _series_id(uid)
    if len(facts) == 1 and not (facts[0]["RRULE"] or facts[0]["RDATE"]):
        yield _leave_entry(facts[0], series, "", place)
        return
    for one in _series_days(events, now):
        entry = _leave_entry(one, series, one["RECURRENCE-ID"].dt.isoformat(), place)
        if entry.period.begins < now + MAX_LOOKAHEAD and (entry.period.ends is None or entry.period.ends > now):
            yield entry


def _event_facts(event: Component) -> EventFacts:
    properties = {name: event.get(name) for name in READ_PROPERTIES}
    return properties | {"errors": event.errors, "CATEGORIES": list(getattr(event, "categories", ()))}


def _check_event(one: EventFacts) -> None:
    """BadIcalEntry when its time is missing, impossible or unsupported."""
    for name, error in one["errors"]:
        raise BadIcalEntry(_("{property} cannot be read: {reason}", property=str(name), reason=_reason(error)))
    repeated = next((name for name in READ_PROPERTIES if name != "RDATE" and isinstance(one[name], list)), None)
    if repeated is not None:
        raise BadIcalEntry(_("{property} is in it more than once", property=repeated))
    if one["DTSTART"] is None:
        raise BadIcalEntry(_("it does not say when it begins"))
    start, end = one["DTSTART"].dt, one["DTEND"]
    if end is not None and (type(end.dt) is not type(start) or _comparable_time(end.dt) < _comparable_time(start)):
        raise BadIcalEntry(_("it ends before it begins"))
    _check_repetition(one["RRULE"] or {})
    if str(one["STATUS"]).upper() == "TENTATIVE":
        raise BadIcalEntry(_("it is not confirmed yet"))


def _check_repetition(rule: Mapping[str, list[Any]]) -> None:
    is_frequent = any(str(often).upper() in TOO_FREQUENT for often in rule.get("FREQ", []))
    if is_frequent or any(len(rule.get(name, [])) > 1 for name in TIMES_OF_DAY):
        raise BadIcalEntry(_("it repeats more often than daily"))
    if any(interval < 1 for interval in rule.get("INTERVAL", [])):
        raise BadIcalEntry(_("it repeats every 0 times: its INTERVAL is less than 1"))


def _series_days(events: list[Component], now: datetime) -> list[EventFacts]:
    """A day more on both sides: a day of the person's place may begin or end a day beside that of UTC."""
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    try:
        days = recurring_ical_events.of(calendar).between(now - _ONE_DAY, now + MAX_LOOKAHEAD + _ONE_DAY)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadIcalEntry(_("its repetition cannot be read: {reason}", reason=_reason(error))) from None
    if len(days) > MAX_SERIES_DAYS:
        raise BadIcalEntry(_("it repeats more than {most} times in a year", most=MAX_SERIES_DAYS))
    return [_event_facts(one) for one in days]


def _leave_entry(one: EventFacts, series: str, day: str, place: str) -> CalendarEntry:
    first, last = one["DTSTART"].dt, _event_end(one)
    if first.year >= FOR_GOOD_FROM_YEAR:
        raise BadIcalEntry(_("it begins in the year {year}", year=str(first.year)))
    begins, ends = _utc_moment(first, place), None if last.year >= FOR_GOOD_FROM_YEAR else _utc_moment(last, place)
    if ends is not None and ends <= begins:
        raise BadIcalEntry(_("it does not say when it ends"))
    summary = " ".join(str(one["SUMMARY"] or "").split())
    span = LeavePeriod(begins, ends, _leave_kind(one, summary), summary[:MAX_REASON_LENGTH])
    return CalendarEntry(entry_uid(series, day), series, span, str(one["STATUS"]).upper() == "CANCELLED")


def _event_end(one: EventFacts) -> date:
    """Exclusive; an all-day event without an end lasts one day."""
    start: date = one["DTSTART"].dt
    end: date | None = one["DTEND"].dt if one["DTEND"] is not None else None
    if end is None and one["DURATION"] is not None:
        end = _later_by(start, one["DURATION"].dt)
    return end or (start if isinstance(start, datetime) else start + _ONE_DAY)


def _later_by(start: date, span: timedelta) -> date:
    try:
        return start + span
    except OverflowError:
        return date.max


def _utc_moment(at: date, place: str) -> datetime:
    """A day, and a time without a zone, are in the zone `place`. Earlier than BEGINNING_OF_TIME is that moment."""
    if at.year <= BEGINNING_OF_TIME.year:
        return BEGINNING_OF_TIME
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


def _entry_name(file: str, line: int | None, uid: str, event: Component) -> str:
    place = f"{file}:{line or 1}" if uid else file
    summary = " ".join(str(event.get("SUMMARY", "")).split())[:60]
    return f"{place}: {uid[:80] or 'an entry'}" + (f" ({summary})" if summary else "")


def _series_id(uid: str) -> str:
    return uid if len(uid) <= MAX_UID_LENGTH else hashlib.sha256(uid.encode()).hexdigest()


def _reason(error: object) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _is_time_zone(name: str) -> bool:
    try:
        time_zone(name)
    except Refused:
        return False
    return True
