"""Shifts: which windows of somebody's hours are one stretch of work, also when it goes past midnight."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.calendars import Calendar, day_bounds, openings
from rules.zones import zone

APART = timedelta(hours=6)
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work with its breaks, from `begins` up to `ends`."""

    begins: datetime
    ends: datetime


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
