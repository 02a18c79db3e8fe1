"""Business time counted on the clocks on walls: zoneinfo, the description and plain arithmetic, nothing of Baton.

Moments are whole seconds since FIRST. Every minute of the time is either open or not, and the open ones are counted.
"""

from array import array
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.year.world import HOLIDAYS, WORLD, hours_of

FIRST, LAST = datetime(2025, 12, 1, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3600, 86_400
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def stamp(at: datetime) -> int:
    return int((at - FIRST).total_seconds())


def moment(at: int) -> datetime:
    return FIRST + timedelta(seconds=at)


def days(span: str) -> list[date]:
    """Each day of `2026-12-24..2027-01-02`, or the one day that is named."""
    first, _, last = span.partition("..")
    begins, ends = date.fromisoformat(first), date.fromisoformat(last or first)
    return [begins + timedelta(days=step) for step in range((ends - begins).days + 1)]


class Wall:
    """One calendar: `passed[n]` minutes were open before the one numbered n."""

    def __init__(self, described: dict[str, Any]) -> None:
        self.zone = ZoneInfo(described["timezone"])
        self._described = described
        self._windows = {day: windows for key, windows in described["hours"].items() for day in _weekdays(key)}
        self._off = {*HOLIDAYS.get(described.get("holidays", ""), ()), *described.get("closed", ())}
        minutes = bytearray()
        for hour in range(stamp(LAST) // HOUR):  # in none of these zones the clock jumps within an hour
            local = moment(hour * HOUR).astimezone(self.zone)
            minutes += self._day(local.date())[local.hour * 60 : local.hour * 60 + 60]
        self.minutes = bytes(minutes)
        self.passed = array("l", accumulate(self.minutes, initial=0))

    @cache  # noqa: B019 - a handful of walls live as long as the tests
    def _day(self, day: date) -> bytes:
        """The day's minutes as the clock there reads them, 1 where it is open."""
        open_ = bytearray(DAY // MINUTE)
        extra = self._described.get("extra", {}).get(str(day))
        usual = [] if str(day) in self._off else self._windows.get(day.weekday(), [])
        for window in usual if extra is None else extra:
            begins, ends = (int(end[:2]) * 60 + int(end[3:]) for end in window.split("-"))
            open_[begins:ends] = b"\1" * (ends - begins)
        return bytes(open_)

    def is_open(self, at: int) -> bool:
        return bool(self.minutes[at // MINUTE])

    def opening(self, at: int) -> int:
        """The first open moment that is not before."""
        return at if self.is_open(at) else self.minutes.index(1, at // MINUTE) * MINUTE

    def used(self, at: int) -> int:
        """The open seconds before that moment."""
        minute, second = divmod(at, MINUTE)
        return self.passed[minute] * MINUTE + (second if self.minutes[minute] else 0)

    def between(self, start: int, end: int) -> int:
        """Open seconds; below zero where the end is before the start."""
        return self.used(end) - self.used(start)

    def on(self, at: int, seconds: int) -> int:
        """The first moment by which so many open seconds have passed."""
        if seconds <= 0:
            return at
        goal = self.used(at) + seconds
        minute = bisect_left(self.passed, -(-goal // MINUTE)) - 1
        return minute * MINUTE + goal - self.passed[minute] * MINUTE

    def back(self, at: int, seconds: int) -> int:
        """The last moment from which so many open seconds pass."""
        goal = self.used(at) - seconds
        minute = bisect_right(self.passed, goal // MINUTE) - 1
        return minute * MINUTE + goal - self.passed[minute] * MINUTE

    def days_on(self, at: int, days: int) -> int:
        """The same time of day so many working days later, once it opens."""
        begun = moment(self.opening(at)).astimezone(self.zone)
        day = begun.date()
        for _ in range(days):
            day += timedelta(days=1)
            while not any(self._day(day)):
                day += timedelta(days=1)
        return self.opening(stamp(datetime.combine(day, begun.time(), self.zone)))

    def due(self, at: int, promise: str) -> int:
        """20m, 4h or 3d from then on."""
        length, unit = int(promise[:-1]), promise[-1]
        return self.days_on(at, length) if unit == "d" else self.on(at, length * {"m": MINUTE, "h": HOUR}[unit])


@cache
def wall(calendar: str) -> Wall:
    return Wall(WORLD["calendars"][calendar])


def wall_of(team: str) -> Wall:
    return wall(WORLD["teams"][team]["calendar"])


def works_at(person: str, team: str, at: int) -> bool:
    """In their own hours, and not on leave."""
    return wall(hours_of(person, team)).is_open(at) and not is_away(person, team, at)


def is_away(person: str, team: str, at: int) -> bool:
    local = moment(at).astimezone(wall(hours_of(person, team)).zone).date()
    return local in _leave(person)


def reached_at(person: str, team: str, at: int) -> int:
    """The first moment from then on at which they work."""
    hours = wall(hours_of(person, team))
    at = hours.opening(at)
    while is_away(person, team, at):
        tomorrow = moment(at).astimezone(hours.zone).date() + timedelta(days=1)
        at = hours.opening(stamp(datetime.combine(tomorrow, time(), hours.zone)))
    return at


@cache
def _leave(person: str) -> frozenset[date]:
    return frozenset(day for span in WORLD["people"].get(person, {}).get("away", ()) for day in days(span))


def _weekdays(key: str) -> range:
    first, _, last = key.partition("-")
    return range(WEEK.index(first), WEEK.index(last or first) + 1)
