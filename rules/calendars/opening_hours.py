"""Business hours as they are written: dates, weekdays, windows and times of day."""

import re
from datetime import date, time

from rules.calendars.calendars import Window
from rules.calendars.timezones import SECONDS_PER_DAY
from rules.errors import Refused
from rules.text import Code, _

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_WINDOW = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})", re.ASCII)


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(_("{text} is not a date: write year-month-day, as 2026-12-24.", text=Code(text))) from error


def parse_days(text: str) -> tuple[date, date]:
    """A day, or the first and the last day of a span: 2026-12-24..2027-01-02."""
    first, last = (end.strip() for end in text.partition("..")[::2])
    begins, ends = parse_date(first), parse_date(last or first)
    if ends < begins:
        raise Refused(
            _(
                "{text} ends before it begins: write the first day, two dots and the last day, "
                "as 2026-12-24..2027-01-02.",
                text=Code(text),
            )
        )
    return begins, ends


def parse_weekdays(text: str) -> tuple[int, ...]:
    """The days (Monday is 0) of "mon-fri", "mon,wed" or "sat"; a span may cross the weekend."""
    days: list[int] = []
    for piece in text.split(","):
        first, last = (end.strip() for end in piece.partition("-")[::2])
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise Refused(
                _(
                    "{text} names no weekdays: write mon-fri, mon,wed or sat (mon, tue, wed, thu, fri, sat, sun).",
                    text=Code(text),
                )
            )
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days += [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]
    return tuple(days)


def parse_window(text: str) -> Window:
    """The seconds of the day of 08:00-12:00; the end may be 24:00."""
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise Refused(_("{text} is not a span of hours: write 08:00-12:00.", text=Code(text)))
    start, end = (_second_of_day(reading) for reading in match.groups())
    if start >= end:
        raise _ends_before_it_begins(text, match[1], match[2] if end else "")
    return start, end


def _ends_before_it_begins(text: str, first: str, last: str) -> Refused:
    """`last` is empty for a window that ends at midnight."""
    today, tomorrow = f"{first}-24:00", f"00:00-{last}"
    if not last:
        return Refused(_("{text} ends before it begins: write {today}.", text=Code(text), today=today))
    return Refused(
        _(
            "{text} ends before it begins: write {today} here and {tomorrow} on the next day.",
            text=Code(text),
            today=today,
            tomorrow=tomorrow,
        )
    )


def parse_time_of_day(text: str) -> time:
    second = _second_of_day(text)
    if second == SECONDS_PER_DAY:
        raise Refused(_("{text} is not a time of day: write 00:00 to 23:59.", text=Code(text)))
    return time(second // 3600, second % 3600 // 60)


def _second_of_day(text: str) -> int:
    match = _TIME.fullmatch(text.strip())
    hours, minutes = (int(part) for part in match.groups()) if match else (99, 99)
    second = hours * 3600 + minutes * 60
    if minutes >= 60 or second > SECONDS_PER_DAY:  # noqa: PLR2004
        raise Refused(_("{text} is not a time of day: write 00:00 to 24:00.", text=Code(text)))
    return second
