"""Shifts: the windows of a person's hours that make one stretch of work, also past midnight."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from rules.calendars.calendars import Calendar, Window, Windows, day_bounds, open_periods, open_windows_on
from rules.calendars.timezones import SECONDS_PER_DAY, local_date, time_zone

MIN_GAP = timedelta(hours=6)  # between two shifts
MAX_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work with its breaks, from `begins` up to `ends`."""

    begins: datetime
    ends: datetime


Shifts = tuple[Shift, ...]


@lru_cache(maxsize=1024)
def with_own_shifts(hours: Calendar, own: Shifts) -> Calendar:
    extra = dict(hours.extra)
    for shift in own:
        for day, window in _windows_by_day(shift, hours.timezone):
            extra[day] = _merge_windows([*extra.get(day, open_windows_on(hours, day)), window])
    return replace(hours, closed=hours.closed - extra.keys(), extra=extra) if own else hours


def shift_at(hours: Calendar, at: datetime) -> Shift | None:
    """The shift at that moment, or the one that begins within six hours; None where there is neither.

    Windows with less than six hours between them are one shift, so a night is one and a lunch break ends nothing. Where
    work never stops for so long, each day is one shift.
    """
    shift = next((one for one in _shifts_around(hours, at) if one.begins - MIN_GAP < at < one.ends), None)
    if shift is None or shift.ends - shift.begins <= MAX_SHIFT:
        return shift
    return Shift(*day_bounds(hours, local_date(at, hours.timezone)))


def action_valid_until(hours: Calendar, at: datetime) -> datetime:
    """The end of an action taken at that moment: the end of the shift; outside of shifts the next shift or midnight."""
    shift = shift_at(hours, at)
    if shift is not None:
        return shift.ends
    midnight = day_bounds(hours, local_date(at, hours.timezone))[1]
    return min([midnight, *(one.begins for one in _shifts_around(hours, at) if one.begins > at)])


def _shifts_around(hours: Calendar, at: datetime) -> list[Shift]:
    shifts: list[Shift] = []
    for begins, ends in open_periods(hours, at - 2 * MAX_SHIFT, at + 2 * MAX_SHIFT):
        if shifts and begins - shifts[-1].ends < MIN_GAP:
            shifts[-1] = Shift(shifts[-1].begins, ends)
        else:
            shifts.append(Shift(begins, ends))
    return shifts


def _windows_by_day(shift: Shift, timezone: str) -> Iterator[tuple[date, Window]]:
    begins, ends = (at.astimezone(time_zone(timezone)) for at in (shift.begins, shift.ends))
    for number in range(begins.toordinal(), ends.toordinal() + 1):
        day = date.fromordinal(number)
        first = _second_of_day(begins) if day == begins.date() else 0
        last = _second_of_day(ends) if day == ends.date() else SECONDS_PER_DAY
        if first < last:
            yield day, (first, last)


def _merge_windows(windows: Iterable[Window]) -> Windows:
    joined: list[Window] = []
    for start, end in sorted(windows):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def _second_of_day(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
