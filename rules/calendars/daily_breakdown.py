"""How a span falls on the days of a calendar: what each counted, which counted nothing and why, and summer time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from rules.calendars.calendars import Calendar, add_days, holiday_on, next_opening, openings, windows_on
from rules.calendars.timezones import offsets, zone

MOST = 12  # lines of one span that are told day by day
_ENDS = 5  # of a longer one, so many at its beginning and at its end
_ONE_DAY = timedelta(days=1)
_A_YEAR = 366

Local = tuple[datetime, datetime]


class Kind(StrEnum):
    """What sort of day it was; MANY are several of any sort, told together."""

    OPEN = "open"
    EXTRA = "extra"
    OVER = "over"
    WEEKLY = "weekly"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    MANY = "many"


COUNTED = (Kind.OPEN, Kind.EXTRA, Kind.MANY)


@dataclass(frozen=True, slots=True)
class Days:
    """One day, or a run of equal ones: `windows` are those that counted on the first, by the calendar's own clock.

    `seconds` are those of all `count` days that counted, up to `ends`. `name` is that of a holiday, or of all that MANY
    days had. `number` is which working day of a promise in days the first one is; 0 where it is none.
    """

    first: date
    last: date
    kind: Kind
    windows: tuple[Local, ...] = ()
    seconds: int = 0
    count: int = 1
    name: str = ""
    number: int = 0
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """The clocks of the calendar's zone were changed; below zero they went back."""

    at: datetime
    seconds: int


Line = Days | Shift


def days_of(
    calendar: Calendar, start: datetime, end: datetime, *, numbers: Mapping[date, int] | None = None
) -> list[Line]:
    """Every day from `start` up to `end`, folded to runs of equal days, and where there are many to their ends."""
    shifts = list(_shifts(calendar, start, end))
    lines = [line for day in _each(calendar, start, end, numbers or {}) for line in _with_shifts(calendar, day, shifts)]
    return _condensed(_folded(lines))


def working_days(calendar: Calendar, start: datetime, days: int) -> dict[date, int]:
    """Which dates count as 1, 2, 3 for a promise of so many days."""
    begun = next_opening(calendar, start).astimezone(zone(calendar.timezone)).date()
    found: dict[date, int] = {}
    while len(found) < days:
        begun += _ONE_DAY
        if windows_on(calendar, begun):
            found[begun] = len(found) + 1
    return found


def next_day_off(calendar: Calendar, after: datetime) -> tuple[date, str] | None:
    """The next weekday of work that is none, and the holiday's name; None when there is none for a year."""
    today = after.astimezone(zone(calendar.timezone)).date()
    ahead = (today + timedelta(days=number) for number in range(1, _A_YEAR + 1))
    return next(((day, holiday_on(calendar, day)) for day in ahead if _is_off(calendar, day)), None)


def keeps_time_of_day(calendar: Calendar, start: datetime, days: int) -> bool:
    """Whether a promise of so many days falls due at the very time of day at which it began to count."""
    local = zone(calendar.timezone)
    begun, ends = next_opening(calendar, start).astimezone(local), add_days(calendar, start, days).astimezone(local)
    return begun.time() == ends.time()


def _is_off(calendar: Calendar, day: date) -> bool:
    return bool(calendar.hours[day.weekday()]) and not windows_on(calendar, day)


def _each(calendar: Calendar, start: datetime, end: datetime, numbers: Mapping[date, int]) -> Iterator[Days]:
    if end <= start:
        return
    local = zone(calendar.timezone)
    open_on = _by_date(calendar, start, end)
    day, ends = start.astimezone(local).date(), end if numbers else end - timedelta(seconds=1)
    last = ends.astimezone(local).date()
    while day <= last:
        told = _day(calendar, day, open_on.get(day, []))
        if day in numbers:
            yield replace(told, number=numbers[day], count=1)
        elif told.kind is not Kind.OVER or day < last:
            yield told
        day += _ONE_DAY


def _day(calendar: Calendar, day: date, pieces: Sequence[Local]) -> Days:
    local = zone(calendar.timezone)
    kind, name = _kind(calendar, day, is_open=bool(pieces))
    windows = tuple((opens.astimezone(local), closes.astimezone(local)) for opens, closes in pieces)
    seconds = sum(int((closes - opens).total_seconds()) for opens, closes in pieces)
    return Days(day, day, kind, windows, seconds, int(bool(pieces)), name, ends=pieces[-1][1] if pieces else None)


def _kind(calendar: Calendar, day: date, *, is_open: bool) -> tuple[Kind, str]:
    if windows_on(calendar, day):
        return (Kind.EXTRA if day in calendar.extra else Kind.OPEN) if is_open else Kind.OVER, ""
    if not calendar.hours[day.weekday()]:
        return Kind.WEEKLY, ""
    name = holiday_on(calendar, day)
    return (Kind.HOLIDAY, name) if name else (Kind.CLOSED, "")


def _by_date(calendar: Calendar, start: datetime, end: datetime) -> dict[date, list[Local]]:
    """The open stretches by local date; two that touch are one, as at a change of the clocks."""
    found: dict[date, list[Local]] = {}
    local = zone(calendar.timezone)
    for opens, closes in openings(calendar, start, end):
        pieces = found.setdefault(opens.astimezone(local).date(), [])
        if pieces and pieces[-1][1] == opens:
            pieces[-1] = (pieces[-1][0], closes)
        else:
            pieces.append((opens, closes))
    return found


def _shifts(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Shift]:
    seen = -1.0
    for year in range(start.astimezone(UTC).year, end.astimezone(UTC).year + 1):
        changes = offsets(calendar.timezone, year)
        for (_, at, before), (_, _, after) in pairwise(changes):
            if max(start.timestamp(), seen) < at < end.timestamp():
                yield Shift(datetime.fromtimestamp(at, UTC), after - before)
                seen = at


def _with_shifts(calendar: Calendar, day: Days, shifts: Iterable[Shift]) -> list[Line]:
    local = zone(calendar.timezone)
    return [day, *(shift for shift in shifts if shift.at.astimezone(local).date() == day.first)]


def _folded(lines: Iterable[Line]) -> list[Line]:
    found: list[Line] = []
    for line in lines:
        before = found[-1] if found else None
        if isinstance(before, Days) and isinstance(line, Days) and _equal(before, line):
            found[-1] = replace(
                before,
                last=line.last,
                seconds=before.seconds + line.seconds,
                count=before.count + line.count,
                ends=line.ends,
            )
        else:
            found.append(line)
    return found


def _equal(run: Days, day: Days) -> bool:
    """Whether the day goes on with the run: as the days before it, by the clock on the wall and in length."""
    same = (run.kind, run.name, _wall(run)) == (day.kind, day.name, _wall(day)) and run.kind is not Kind.OVER
    numbered = day.number == (run.number + run.count if run.number else 0)
    return same and numbered and day.seconds * run.count == run.seconds * day.count


def _wall(day: Days) -> list[tuple[object, object]]:
    return [(opens.time(), closes.time()) for opens, closes in day.windows]


def _condensed(lines: list[Line]) -> list[Line]:
    """Of many lines those in the middle are one, and the changes of the clocks among them."""
    if len(lines) <= MOST:
        return lines
    middle = [line for line in lines[_ENDS:-_ENDS] if isinstance(line, Days)]
    shifts = [line for line in lines[_ENDS:-_ENDS] if isinstance(line, Shift)]
    return [*lines[:_ENDS], _many(middle), *shifts, *lines[-_ENDS:]]


def _many(days: Sequence[Days]) -> Days:
    counted = [day for day in days if day.kind in COUNTED]
    return Days(
        days[0].first,
        days[-1].last,
        Kind.MANY,
        seconds=sum(day.seconds for day in counted),
        count=sum(day.count for day in counted),
        name=", ".join(name for name, _ in groupby(day.name for day in days if day.name)),
        number=next((day.number for day in counted if day.number), 0),
        ends=next((day.ends for day in reversed(counted)), None),
    )
