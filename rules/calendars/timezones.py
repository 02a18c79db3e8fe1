"""The local clock of a time zone: where its UTC offset changes, and when it first shows a date and time."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.errors import Refused
from rules.text import Code, _

SECONDS_PER_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=1024)
def time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            _("{name} is not a time zone: write its IANA name, such as Europe/Warsaw or UTC.", name=Code(name))
        ) from error


def local_date(at: datetime, name: str) -> date:
    return at.astimezone(time_zone(name)).date()


def midnight_of(day: int) -> int:
    """The start of the day of that ordinal, in seconds since 1970 by the local clock."""
    return (day - _EPOCH) * SECONDS_PER_DAY


def first_moment_showing(name: str, day: date, reading: time) -> int:
    """The first moment at which the local clock shows that date and time, or a later one where it skips them."""
    local = midnight_of(day.toordinal()) + reading.hour * 3600 + reading.minute * 60 + reading.second
    offsets = utc_offsets(name, day.year)
    return min(max(local - offset, begins) for begins, ends, offset in offsets if local - offset < ends)


def latest_reading(name: str, at: int) -> int:
    """The latest local date and time shown by that moment: while the clock repeats an hour, that hour's end."""
    year = datetime.fromtimestamp(at, UTC).year
    return max(min(at, ends - 1) + offset for begins, ends, offset in utc_offsets(name, year) if begins <= at)


@lru_cache(maxsize=1024)
def utc_offsets(name: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """The year and a day on both sides, cut where the zone's offset changes: (begins, ends, offset) in UTC seconds."""
    probes = [midnight_of(day) for day in range(date(year, 1, 1).toordinal() - 2, date(year, 12, 31).toordinal() + 4)]
    changes = [_offset_change(name, a, b) for a, b in pairwise(probes) if _utc_offset(name, a) != _utc_offset(name, b)]
    edges = [probes[0], *changes, probes[-1]]
    return tuple((begins, ends, _utc_offset(name, begins)) for begins, ends in pairwise(edges))


def _offset_change(name: str, before: int, after: int) -> int:
    """The first second of the new offset, by halving the day in which it changes."""
    old = _utc_offset(name, before)
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _utc_offset(name, middle) == old else (before, middle)
    return after


def _utc_offset(name: str, stamp: int) -> int:
    local = datetime.fromtimestamp(stamp, time_zone(name))
    return int((local.utcoffset() or timedelta()).total_seconds())
