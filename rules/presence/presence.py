"""Who is at work, on a break or away, and until when: from leave, from what people pressed, from their hours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rules.calendars.calendars import Calendar, back, day_bounds, is_open, next_opening
from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.presence.shifts import counts_until, shift_at

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
ABSENT = frozenset({Here.AWAY, Here.GONE})


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
    pressed counts until that shift ends, and outside of all shifts until midnight: who logged out is off, who logged in
    is here. 4. Who pressed nothing is where their hours say. Slack's own status is a hint and counts for nothing here.
    """
    if gone:
        return Presence(Here.GONE)
    back = away_until(hours, available, leaves, now)
    if back is not None:
        return Presence(Here.AWAY, until=None if back >= now + FARTHEST else back)
    if pressed is not None and now < (until := counts_until(hours, pressed.at)):
        return _as_pressed(hours, pressed, until)
    if is_open(hours, now):
        shift = shift_at(hours, now)
        return Presence(Here.AT_WORK, until=shift.ends if shift else None)
    return Presence(Here.OFF, until=next_opening(hours, now))


def away_until(hours: Calendar, available: Availability, leaves: Iterable[Leave], now: datetime) -> datetime | None:
    """When the person is back who is away now; leave that follows leave is one. None for who is not away."""
    known = list(leaves)
    until = now
    while (later := _end_of(hours, available, known, until)) is not None and later > until:
        until = later
        if until >= now + FARTHEST:
            return until
    return None if until == now else until


def away_since(hours: Calendar, available: Availability, leaves: Iterable[Leave], now: datetime) -> datetime:
    """When the person was last at work who is away now: leave before which there was only a night, or other leave, is
    one with it. Leave that is over has to be among `leaves`."""
    known = list(leaves)
    since = now
    while (earlier := _beginning(hours, available, known, since)) < since and since > now - FARTHEST:
        since = earlier
    return since


def pressable(stands: Presence, what: Press, activity: str, place: str) -> None:
    """DeskError where pressing it would change nothing, or is not for somebody who is away or off work."""
    since = f", since {stands.since.astimezone(zone(place)):%H:%M}" if stands.since is not None else ""
    if stands.here is Here.AWAY:
        raise DeskError("You are away by what was entered. `/desk back` ends that; then press again.")
    if what is Press.IN and stands.here is Here.AT_WORK and since:
        raise DeskError(f"You are here already{since}.")
    if what is Press.OUT and stands.here is Here.OFF:
        raise DeskError(f"You are off work already{since}.")
    if what in (Press.BREAK, Press.ACTIVITY) and stands.here is Here.OFF:
        raise DeskError("You are off work now: *Log in* first, or write `/desk in`.")
    if what is Press.BREAK and stands.here is Here.BREAK:
        raise DeskError(f"You are on a break already{since}. *Log in* or `/desk in` ends it.")
    if what is Press.ACTIVITY and stands.here is Here.ACTIVITY and stands.activity == activity:
        raise DeskError(f"You are busy with {activity} already{since}. *Log in* or `/desk in` ends it.")


def stand_in(policy: Policy, person: str, absent: Collection[str]) -> str | None:
    """Who acts for the person: they themselves, else their deputy, or the deputy's own; None when nobody is there."""
    asked: set[str] = set()
    while person and person in absent and person not in asked:
        asked.add(person)
        person = policy.people.get(person, Availability()).deputy
    return None if not person or person in absent else person


def _as_pressed(hours: Calendar, pressed: Pressed, until: datetime) -> Presence:
    if pressed.what is Press.OUT:
        return Presence(Here.OFF, until=next_opening(hours, until), since=pressed.at)
    if pressed.what is Press.BREAK:
        return Presence(Here.BREAK, since=pressed.at)
    if pressed.what is Press.ACTIVITY:
        return Presence(Here.ACTIVITY, since=pressed.at, activity=pressed.activity)
    return Presence(Here.AT_WORK, until=until, since=pressed.at)


def _end_of(hours: Calendar, available: Availability, leaves: list[Leave], at: datetime) -> datetime | None:
    local = at.astimezone(zone(hours.timezone)).date()
    ends = [day_bounds(hours, local)[1]] if available.is_away(local) else []
    ends += [leave.ends or at + FARTHEST for leave in leaves if leave.covers(at)]
    return max(ends, default=None)


def _beginning(hours: Calendar, available: Availability, leaves: list[Leave], at: datetime) -> datetime:
    """When the time away began that their last working moment before `at` lies in; `at` where they worked then."""
    before = back(hours, at, 1)
    day = before.astimezone(zone(hours.timezone)).date()
    begins = [day_bounds(hours, day)[0]] if available.is_away(day) else []
    begins += [leave.begins for leave in leaves if leave.covers(before)]
    return min(begins, default=at)
