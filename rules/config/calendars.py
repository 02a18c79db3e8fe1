"""The calendars of the desk's description: weekdays, windows, holidays and days of their own."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time

from rules.calendars.calendars import Calendar, Window, Windows, sort_windows
from rules.calendars.public_holidays import check_holiday_country
from rules.calendars.timezones import time_zone
from rules.config.validation import Part
from rules.errors import Refused

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 24 * 3600
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_WINDOW = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})", re.ASCII)


def read_calendar(part: Part) -> Calendar | None:
    """The calendar; None when a fault leaves none to speak of."""
    part.only("timezone", "hours", "holidays", "closed", "extra")
    before = len(part.problems)
    part.missing("timezone", "write an IANA name such as Europe/Warsaw")
    part.missing("hours", 'write for example hours: {mon-fri: ["08:00-16:00"]}')
    timezone = part.parsed("timezone", _zone_name, "UTC")
    holidays = part.parsed("holidays", _country, "")
    closed = frozenset(part.all_parsed("closed", read_date))
    hours, extra = _hours(part), _extra(part)
    if len(part.problems) > before:
        return None
    try:
        return Calendar(timezone, hours, holidays, closed, extra)
    except Refused as error:
        part.fault(str(error))
        return None


def clock(words: str) -> time:
    """A time of day, 16:00."""
    second = _second(words)
    if second >= MIDNIGHT:
        raise Refused(f"`{words}` is not a time of day: write 00:00 to 23:59.")
    return time(second // 3600, second % 3600 // 60)


def _hours(part: Part) -> tuple[Windows, ...]:
    week: dict[int, Windows] = {}
    hours = part.inner("hours", part.name)
    for key in hours.plain:
        windows = _windows(hours, key)
        for day in _days(hours, key):
            if day in week:
                hours.fault(f"{WEEKDAYS[day]} is named twice under `hours`: keep one.", key)
            week[day] = windows
    return tuple(week.get(day, ()) for day in range(len(WEEKDAYS)))


def _extra(part: Part) -> Mapping[date, Windows]:
    extra = part.inner("extra", part.name)
    days: dict[date, Windows] = {}
    for key in extra.plain:
        try:
            days[read_date(str(key))] = _windows(extra, key)
        except Refused as error:
            extra.fault(str(error), key)
    return days


def _windows(part: Part, key: str) -> Windows:
    try:
        return sort_windows(part.all_parsed(key, _window))
    except Refused as error:
        part.fault(str(error), key)
        return ()


def _days(part: Part, key: str) -> Iterable[int]:
    """The weekdays that "mon-fri", "mon,wed" or "sat" names; a span may run over the weekend's end."""
    found: list[int] = []
    for piece in str(key).split(","):
        first, _, last = (end.strip() for end in piece.partition("-"))
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            part.fault(f"`{key}` names no weekdays: write mon-fri, mon,wed or sat ({', '.join(WEEKDAYS)}).", key)
            return ()
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    return found


def _window(words: str) -> Window:
    found = _WINDOW.fullmatch(words.strip())
    if found is None:
        raise Refused(f"`{words}` is not a span of hours: write 08:00-12:00.")
    start, end = (_second(reading) for reading in found.groups())
    if start >= end:
        remedy = f"write {found[1]}-24:00 here and 00:00-{found[2]} on the next day"
        raise Refused(f"`{words}` ends before it begins: {remedy if end else f'write {found[1]}-24:00'}.")
    return start, end


def _second(words: str) -> int:
    found = _CLOCK.fullmatch(words.strip())
    hours, minutes = (int(part) for part in found.groups()) if found else (99, 99)
    second = hours * 3600 + minutes * 60
    if minutes >= 60 or second > MIDNIGHT:  # noqa: PLR2004
        raise Refused(f"`{words}` is not a time of day: write 00:00 to 24:00.")
    return second


def read_date(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise Refused(f"`{words}` is not a date: write year-month-day, as 2026-12-24.") from error


def _zone_name(words: str) -> str:
    return time_zone(words).key


def _country(words: str) -> str:
    check_holiday_country(words)
    return words
