"""Shifts: which windows of somebody's hours are one stretch of work, also when it goes past midnight."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from rules.calendars.calendars import Calendar, Window, Windows, day_bounds, openings, windows_on
from rules.calendars.timezones import DAY, zone

APART = timedelta(hours=6)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work with its breaks, from `begins` up to `ends`."""

    begins: datetime
    ends: datetime


@lru_cache(maxsize=1024)
def with_own(hours: Calendar, own: tuple[Shift, ...]) -> Calendar:
    """The hours of somebody with the shifts of their own beside them, also on days that are closed for all others."""
    extra = dict(hours.extra)
    for shift in own:
        for day, window in _by_day(shift, hours.timezone):
            extra[day] = _joined([*extra.get(day, windows_on(hours, day)), window])
    return replace(hours, closed=hours.closed - extra.keys(), extra=extra) if own else hours


def shift_at(hours: Calendar, at: datetime) -> Shift | None:
    """The shift at that moment, or the one that begins within six hours; None where there is neither.

    Windows with less than six hours between them are one shift, so a night is one and a lunch break ends nothing. Where
    work never stops for so long, each day is one.
    """
    found = next((one for one in _around(hours, at) if one.begins - APART < at < one.ends), None)
    if found is None or found.ends - found.begins <= LONGEST:
        return found
    return Shift(*day_bounds(hours, at.astimezone(zone(hours.timezone)).date()))


def counts_until(hours: Calendar, at: datetime) -> datetime:
    """Until when it counts what somebody pressed then: to the end of the shift; outside of all to the next one, or to
    midnight."""
    shift = shift_at(hours, at)
    if shift is not None:
        return shift.ends
    midnight = day_bounds(hours, at.astimezone(zone(hours.timezone)).date())[1]
    return min([midnight, *(one.begins for one in _around(hours, at) if one.begins > at)])


def _around(hours: Calendar, at: datetime) -> list[Shift]:
    """The shifts of these days; longer than a day where they never end."""
    found: list[Shift] = []
    for begins, ends in openings(hours, at - 2 * LONGEST, at + 2 * LONGEST):
        if found and begins - found[-1].ends < APART:
            found[-1] = Shift(found[-1].begins, ends)
        else:
            found.append(Shift(begins, ends))
    return found


def _by_day(shift: Shift, place: str) -> Iterator[tuple[date, Window]]:
    """What of the shift lies on each day, by the clock of that place."""
    begins, ends = shift.begins.astimezone(zone(place)), shift.ends.astimezone(zone(place))
    for number in range(begins.toordinal(), ends.toordinal() + 1):
        day = date.fromordinal(number)
        first = _second(begins) if day == begins.date() else 0
        last = _second(ends) if day == ends.date() else DAY
        if first < last:
            yield day, (first, last)


def _joined(windows: Iterable[Window]) -> Windows:
    """The windows of one day in order; those that touch or overlap are one."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _second(local: datetime) -> int:
    return local.hour * 3600 + local.minute * 60 + local.second
