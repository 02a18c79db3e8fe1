"""Shifts: which windows of somebody's hours are one stretch of work, also when it goes past midnight."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from rules.calendars.calendars import Calendar, Window, Windows, day_bounds, open_periods, open_windows_on
from rules.calendars.timezones import SECONDS_PER_DAY, time_zone

MIN_GAP_BETWEEN_SHIFTS = timedelta(hours=6)
MAX_SHIFT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work with its breaks, from `begins` up to `ends`."""

    begins: datetime
    ends: datetime


@lru_cache(maxsize=1024)
def with_own_shifts(hours: Calendar, own: tuple[Shift, ...]) -> Calendar:
    """The hours of somebody with the shifts of their own beside them, also on days that are closed for all others."""
    extra = dict(hours.extra)
    for shift in own:
        for day, window in _windows_by_day(shift, hours.timezone):
            extra[day] = _merge_windows([*extra.get(day, open_windows_on(hours, day)), window])
    return replace(hours, closed=hours.closed - extra.keys(), extra=extra) if own else hours


def shift_at(hours: Calendar, at: datetime) -> Shift | None:
    """The shift at that moment, or the one that begins within six hours; None where there is neither.

    Windows with less than six hours between them are one shift, so a night is one and a lunch break ends nothing. Where
    work never stops for so long, each day is one.
    """
    found = next(
        (one for one in _shifts_around(hours, at) if one.begins - MIN_GAP_BETWEEN_SHIFTS < at < one.ends), None
    )
    if found is None or found.ends - found.begins <= MAX_SHIFT:
        return found
    return Shift(*day_bounds(hours, at.astimezone(time_zone(hours.timezone)).date()))


def action_valid_until(hours: Calendar, at: datetime) -> datetime:
    """Until when it counts what somebody pressed then: to the end of the shift; outside of all to the next one, or to
    midnight."""
    shift = shift_at(hours, at)
    if shift is not None:
        return shift.ends
    midnight = day_bounds(hours, at.astimezone(time_zone(hours.timezone)).date())[1]
    return min([midnight, *(one.begins for one in _shifts_around(hours, at) if one.begins > at)])


def _shifts_around(hours: Calendar, at: datetime) -> list[Shift]:
    """The shifts of these days; longer than a day where they never end."""
    found: list[Shift] = []
    for begins, ends in open_periods(hours, at - 2 * MAX_SHIFT, at + 2 * MAX_SHIFT):
        if found and begins - found[-1].ends < MIN_GAP_BETWEEN_SHIFTS:
            found[-1] = Shift(found[-1].begins, ends)
        else:
            found.append(Shift(begins, ends))
    return found


def _windows_by_day(shift: Shift, timezone: str) -> Iterator[tuple[date, Window]]:
    """What of the shift lies on each day, by the clock of that place."""
    begins, ends = shift.begins.astimezone(time_zone(timezone)), shift.ends.astimezone(time_zone(timezone))
    for number in range(begins.toordinal(), ends.toordinal() + 1):
        day = date.fromordinal(number)
        first = _second_of_day(begins) if day == begins.date() else 0
        last = _second_of_day(ends) if day == ends.date() else SECONDS_PER_DAY
        if first < last:
            yield day, (first, last)


def _merge_windows(windows: Iterable[Window]) -> Windows:
    """The windows of one day in order; those that touch or overlap are one."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _second_of_day(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
