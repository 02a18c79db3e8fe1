"""How a span falls on the days of a calendar: what each day counted, why others did not, and clock changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from rules.calendars.calendars import Calendar, holiday_on, is_working_day, next_opening, open_periods, open_windows_on
from rules.calendars.timezones import local_date, time_zone, utc_offsets

MAX_LINES = 12  # of one span; a longer list is condensed
_LINES_AT_EACH_END = 5  # of a condensed list
_ONE_DAY = timedelta(days=1)
_MAX_DAYS_AHEAD = 366

LocalWindow = tuple[datetime, datetime]


class DayKind(StrEnum):
    """What sort of day it was; SEVERAL means many days of any sort, merged."""

    OPEN = "open"
    EXTRA = "extra"
    AFTER_HOURS = "over"
    WEEKLY_DAY_OFF = "weekly"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    SEVERAL = "many"


COUNTED_KINDS = (DayKind.OPEN, DayKind.EXTRA, DayKind.SEVERAL)


@dataclass(frozen=True, slots=True)
class DayRun:
    """One day, or a run of equal days: `windows` are those counted on the first one, by the calendar's local clock.

    `seconds` and `count` cover all days that counted, up to `ends`. `name` is the holiday, or every holiday of SEVERAL.
    `number` is the first day's place among the working days of a target in days; 0 where it has none.
    """

    first: date
    last: date
    kind: DayKind
    windows: tuple[LocalWindow, ...] = ()
    seconds: int = 0
    count: int = 1
    name: str = ""
    number: int = 0
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The calendar's zone changed its UTC offset; below zero the local clock went back."""

    at: datetime
    seconds: int


BreakdownLine = DayRun | ClockChange


def break_down_by_day(
    calendar: Calendar, start: datetime, end: datetime, *, working_day_numbers: Mapping[date, int] | None = None
) -> list[BreakdownLine]:
    """Every day from `start` up to `end`; equal days in a row are one line, and a long list is condensed."""
    shifts = list(_clock_changes(calendar, start, end))
    days = _each_day(calendar, start, end, working_day_numbers or {})
    lines = [line for day in days for line in _with_clock_changes(calendar, day, shifts)]
    return _condense(_fold_equal_days(lines))


def number_working_days(calendar: Calendar, start: datetime, days: int) -> dict[date, int]:
    day = local_date(next_opening(calendar, start), calendar.timezone)
    numbers: dict[date, int] = {}
    while len(numbers) < days:
        day += _ONE_DAY
        if is_working_day(calendar, day):
            numbers[day] = len(numbers) + 1
    return numbers


def next_day_off(calendar: Calendar, after: datetime) -> tuple[date, str] | None:
    """The next date within a year that would be open by its weekday and is not, with the holiday's name."""
    today = local_date(after, calendar.timezone)
    days_ahead = (today + timedelta(days=number) for number in range(1, _MAX_DAYS_AHEAD + 1))
    return next(((day, holiday_on(calendar, day)) for day in days_ahead if _is_off(calendar, day)), None)


def _is_off(calendar: Calendar, day: date) -> bool:
    return bool(calendar.hours[day.weekday()]) and not open_windows_on(calendar, day)


def _each_day(calendar: Calendar, start: datetime, end: datetime, numbers: Mapping[date, int]) -> Iterator[DayRun]:
    if end <= start:
        return
    local = time_zone(calendar.timezone)
    open_on = _open_periods_by_date(calendar, start, end)
    day, ends = start.astimezone(local).date(), end if numbers else end - timedelta(seconds=1)
    last = ends.astimezone(local).date()
    while day <= last:
        run = _describe_day(calendar, day, open_on.get(day, []))
        if day in numbers:
            yield replace(run, number=numbers[day], count=1)
        elif run.kind is not DayKind.AFTER_HOURS or day < last:
            yield run
        day += _ONE_DAY


def _describe_day(calendar: Calendar, day: date, pieces: Sequence[LocalWindow]) -> DayRun:
    local = time_zone(calendar.timezone)
    kind, name = _day_kind(calendar, day, is_open=bool(pieces))
    windows = tuple((opens.astimezone(local), closes.astimezone(local)) for opens, closes in pieces)
    seconds = sum(int((closes - opens).total_seconds()) for opens, closes in pieces)
    return DayRun(day, day, kind, windows, seconds, int(bool(pieces)), name, ends=pieces[-1][1] if pieces else None)


def _day_kind(calendar: Calendar, day: date, *, is_open: bool) -> tuple[DayKind, str]:
    if is_open or is_working_day(calendar, day):
        return (DayKind.EXTRA if day in calendar.extra else DayKind.OPEN) if is_open else DayKind.AFTER_HOURS, ""
    if not calendar.hours[day.weekday()]:
        return DayKind.WEEKLY_DAY_OFF, ""
    name = holiday_on(calendar, day)
    return (DayKind.HOLIDAY, name) if name else (DayKind.CLOSED, "")


def _open_periods_by_date(calendar: Calendar, start: datetime, end: datetime) -> dict[date, list[LocalWindow]]:
    by_date: dict[date, list[LocalWindow]] = {}
    local = time_zone(calendar.timezone)
    for opens, closes in open_periods(calendar, start, end):
        pieces = by_date.setdefault(opens.astimezone(local).date(), [])
        if pieces and pieces[-1][1] == opens:
            pieces[-1] = (pieces[-1][0], closes)
        else:
            pieces.append((opens, closes))
    return by_date


def _clock_changes(calendar: Calendar, start: datetime, end: datetime) -> Iterator[ClockChange]:
    seen = -1.0
    for year in range(start.astimezone(UTC).year, end.astimezone(UTC).year + 1):
        changes = utc_offsets(calendar.timezone, year)
        for (_, at, before), (_, _, after) in pairwise(changes):
            if max(start.timestamp(), seen) < at < end.timestamp():
                yield ClockChange(datetime.fromtimestamp(at, UTC), after - before)
                seen = at


def _with_clock_changes(calendar: Calendar, day: DayRun, changes: Iterable[ClockChange]) -> list[BreakdownLine]:
    local = time_zone(calendar.timezone)
    return [day, *(shift for shift in changes if shift.at.astimezone(local).date() == day.first)]


def _fold_equal_days(lines: Iterable[BreakdownLine]) -> list[BreakdownLine]:
    folded: list[BreakdownLine] = []
    for line in lines:
        before = folded[-1] if folded else None
        if isinstance(before, DayRun) and isinstance(line, DayRun) and _continues_run(before, line):
            seconds, count = before.seconds + line.seconds, before.count + line.count
            folded[-1] = replace(before, last=line.last, seconds=seconds, count=count, ends=line.ends)
        else:
            folded.append(line)
    return folded


def _continues_run(run: DayRun, day: DayRun) -> bool:
    is_equal = (run.kind, run.name, _wall_times(run)) == (day.kind, day.name, _wall_times(day))
    is_next = run.kind is not DayKind.AFTER_HOURS and day.number == (run.number + run.count if run.number else 0)
    return is_equal and is_next and day.seconds * run.count == run.seconds * day.count


def _wall_times(day: DayRun) -> list[tuple[object, object]]:
    return [(opens.time(), closes.time()) for opens, closes in day.windows]


def _condense(lines: list[BreakdownLine]) -> list[BreakdownLine]:
    if len(lines) <= MAX_LINES:
        return lines
    middle = [line for line in lines[_LINES_AT_EACH_END:-_LINES_AT_EACH_END] if isinstance(line, DayRun)]
    shifts = [line for line in lines[_LINES_AT_EACH_END:-_LINES_AT_EACH_END] if isinstance(line, ClockChange)]
    return [*lines[:_LINES_AT_EACH_END], _merge_days(middle), *shifts, *lines[-_LINES_AT_EACH_END:]]


def _merge_days(days: Sequence[DayRun]) -> DayRun:
    counted = [day for day in days if day.kind in COUNTED_KINDS]
    return DayRun(
        days[0].first,
        days[-1].last,
        DayKind.SEVERAL,
        seconds=sum(day.seconds for day in counted),
        count=sum(day.count for day in counted),
        name=", ".join(name for name, _ in groupby(day.name for day in days if day.name)),
        number=next((day.number for day in counted if day.number), 0),
        ends=next((day.ends for day in reversed(counted)), None),
    )
