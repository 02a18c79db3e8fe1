"""Who is at work, on a break or away, and until when: from leave, from what people pressed, from their hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.calendars import Calendar, day_bounds, is_open, next_opening, openings
from rules.people import Availability
from rules.zones import zone

LOOKED_AHEAD = timedelta(days=2)
FARTHEST = timedelta(days=400)


class Press(StrEnum):
    """What somebody pressed on the floor card."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    ACTIVITY = "activity"


class Here(StrEnum):
    """Where somebody is, for the desk."""

    AT_WORK = "at_work"
    BREAK = "break"
    ACTIVITY = "activity"
    OFF = "off"
    AWAY = "away"
    GONE = "gone"


HERE_WORDS = {
    Here.AT_WORK: "here",
    Here.BREAK: "on a break",
    Here.ACTIVITY: "busy",
    Here.OFF: "off work",
    Here.AWAY: "away",
    Here.GONE: "not in Slack any more",
}
REACHABLE = frozenset({Here.AT_WORK, Here.BREAK, Here.ACTIVITY})


@dataclass(frozen=True, slots=True)
class Leave:
    """Time away, from `begins` up to `ends`; without an end nobody knows when they come back."""

    begins: datetime
    ends: datetime | None
    kind: str = ""

    def covers(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Pressed:
    """The newest thing that somebody pressed; `activity` is its code where it is one."""

    what: Press
    at: datetime
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """Where somebody is now; `until` is when that ends, as far as is known, `activity` what keeps them."""

    here: Here
    until: datetime | None = None
    since: datetime | None = None
    activity: str = ""

    @property
    def works(self) -> bool:
        """Whether new work can be given to them now."""
        return self.here is Here.AT_WORK


def presence(
    hours: Calendar,
    available: Availability,
    leaves: Iterable[Leave],
    pressed: Pressed | None,
    now: datetime,
    *,
    gone: bool = False,
) -> Presence:
    """Where the person is.

    1. Somebody whom Slack knows no more is gone. 2. Leave counts before everything that was pressed. 3. What was
    pressed today counts until the day ends: who logged out is off, who logged in is here also outside their hours.
    4. Who pressed nothing today is where their hours say. Slack's own status is a hint and counts for nothing here.
    """
    if gone:
        return Presence(Here.GONE)
    away_until = _away_until(hours, available, leaves, now)
    if away_until is not None:
        return Presence(Here.AWAY, until=None if away_until >= now + FARTHEST else away_until)
    if pressed is not None and _is_today(hours, pressed.at, now):
        return _as_pressed(hours, pressed, now)
    if is_open(hours, now):
        return Presence(Here.AT_WORK, until=_closes(hours, now))
    return Presence(Here.OFF, until=next_opening(hours, now))


def _as_pressed(hours: Calendar, pressed: Pressed, now: datetime) -> Presence:
    if pressed.what is Press.OUT:
        tomorrow = day_bounds(hours, now.astimezone(zone(hours.timezone)).date())[1]
        return Presence(Here.OFF, until=next_opening(hours, tomorrow), since=pressed.at)
    if pressed.what is Press.BREAK:
        return Presence(Here.BREAK, since=pressed.at)
    if pressed.what is Press.ACTIVITY:
        return Presence(Here.ACTIVITY, since=pressed.at, activity=pressed.activity)
    return Presence(Here.AT_WORK, until=_closes(hours, now), since=pressed.at)


def _away_until(hours: Calendar, available: Availability, leaves: Iterable[Leave], now: datetime) -> datetime | None:
    """When the person is back who is away now; leave that follows leave is one. None for who is not away."""
    known = list(leaves)
    until = now
    while (later := _end_of(hours, available, known, until)) is not None and later > until:
        until = later
        if until >= now + FARTHEST:
            return until
    return None if until == now else until


def _end_of(hours: Calendar, available: Availability, leaves: list[Leave], at: datetime) -> datetime | None:
    local = at.astimezone(zone(hours.timezone)).date()
    ends = [day_bounds(hours, local)[1]] if available.is_away(local) else []
    ends += [leave.ends or at + FARTHEST for leave in leaves if leave.covers(at)]
    return max(ends, default=None)


def _is_today(hours: Calendar, at: datetime, now: datetime) -> bool:
    place = zone(hours.timezone)
    return at.astimezone(place).date() == now.astimezone(place).date()


def _closes(hours: Calendar, now: datetime) -> datetime | None:
    """The end of the last window of this day; None outside of all."""
    end = day_bounds(hours, now.astimezone(zone(hours.timezone)).date())[1]
    spans = openings(hours, now, end)
    return spans[-1][1] if spans else None
