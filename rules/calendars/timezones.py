"""The local clock of a place: where its offset changes, and when it first shows a date and time."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.errors import DeskError

DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name, or DeskError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DeskError(f"`{name}` is not a time zone: write its IANA name, such as Europe/Warsaw or UTC.") from error


def midnight(day: int) -> int:
    """Where the day of that ordinal begins, in seconds since 1970 by the clock that reads it."""
    return (day - _EPOCH) * DAY


def first_reading(name: str, day: date, reading: time) -> int:
    """The first moment at which the local clock shows that date and time, or a later one where it skips them."""
    local = midnight(day.toordinal()) + reading.hour * 3600 + reading.minute * 60 + reading.second
    moments = (max(local - offset, begins) for begins, ends, offset in offsets(name, day.year) if local - offset < ends)
    return min(moments)


def furthest_reading(name: str, at: int) -> int:
    """The latest date and time that the local clock has shown by that moment: while it repeats an hour, its end."""
    year = datetime.fromtimestamp(at, UTC).year
    return max(min(at, ends - 1) + offset for begins, ends, offset in offsets(name, year) if begins <= at)


@lru_cache(maxsize=1024)
def offsets(name: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """The year and a day on both sides, cut where the zone's offset changes: (begins, ends, offset) in UTC seconds."""
    probes = [midnight(day) for day in range(date(year, 1, 1).toordinal() - 2, date(year, 12, 31).toordinal() + 4)]
    changes = [_change(name, a, b) for a, b in pairwise(probes) if _offset(name, a) != _offset(name, b)]
    edges = [probes[0], *changes, probes[-1]]
    return tuple((begins, ends, _offset(name, begins)) for begins, ends in pairwise(edges))


def _change(name: str, before: int, after: int) -> int:
    """The first second of the new offset, by halving the day in which it changes."""
    old = _offset(name, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _offset(name, middle) == old else (before, middle)
    return after


def _offset(name: str, stamp: int) -> int:
    local = datetime.fromtimestamp(stamp, zone(name))
    return int((local.utcoffset() or timedelta()).total_seconds())
