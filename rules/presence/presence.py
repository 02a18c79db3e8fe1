"""Where a person is now and until when: from leave, recorded actions and working hours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rules.calendars.calendars import Calendar, day_bounds, is_open, next_opening, subtract_business_seconds
from rules.calendars.timezones import local_date, time_zone
from rules.errors import Refused
from rules.labels import LabelledEnum
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.presence.shifts import action_valid_until, shift_at
from rules.text import Code, Text, _

MAX_LOOKAHEAD = timedelta(days=400)


class PresenceAction(StrEnum):
    """A status that a person sets on the presence board."""

    IN = "in"
    OUT = "out"
    BREAK = "break"
    ACTIVITY = "activity"


class TimeEntryCategory(StrEnum):
    """What a person does in a period that was entered beside their calendar."""

    LEAVE = "leave"
    SHIFT = "shift"


class PresenceStatus(LabelledEnum):
    AT_WORK = "at_work", _("here")
    BREAK = "break", _("on a break")
    ACTIVITY = "activity", _("busy")
    OFF = "off", _("off work")
    AWAY = "away", _("away")
    GONE = "gone", _("not in Slack any more")


REACHABLE_STATUSES = frozenset({PresenceStatus.AT_WORK, PresenceStatus.BREAK, PresenceStatus.ACTIVITY})
ABSENT_STATUSES = frozenset({PresenceStatus.AWAY, PresenceStatus.GONE})


@dataclass(frozen=True, slots=True)
class Leave:
    """Time away, from `begins` up to `ends`; without an end the return is not known."""

    begins: datetime
    ends: datetime | None
    kind: str = ""

    def covers(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)


class Period(Protocol):
    """From `begins` up to `ends`; None where the end is not known."""

    @property
    def begins(self) -> datetime: ...

    @property
    def ends(self) -> datetime | None: ...


def periods_overlap(one: Period, other: Period) -> bool:
    starts_before_it_ends = other.ends is None or one.begins < other.ends
    return starts_before_it_ends and (one.ends is None or other.begins < one.ends)


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """A status set by a person at a moment; `activity` is the code of an ACTIVITY."""

    action: PresenceAction
    at: datetime
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Presence:
    """A person's current status; `until` is its end as far as known."""

    status: PresenceStatus
    until: datetime | None = None
    since: datetime | None = None
    activity: str = ""

    @property
    def is_at_work(self) -> bool:
        return self.status is PresenceStatus.AT_WORK


def current_presence(
    hours: Calendar,
    profile: PersonProfile,
    leaves: Iterable[Leave],
    latest: RecordedAction | None,
    now: datetime,
    *,
    is_gone: bool = False,
) -> Presence:
    """The person's current status.

    1. A person who is no longer in Slack is GONE. 2. Leave overrides every recorded action. 3. An action counts until
    that shift ends, and outside of shifts until midnight. 4. Without an action the working hours decide. Slack's own
    status has no influence.
    """
    if is_gone:
        return Presence(PresenceStatus.GONE)
    periods = list(leaves)
    back = away_until(hours, profile, periods, now)
    if back is not None:
        return Presence(PresenceStatus.AWAY, until=None if back >= now + MAX_LOOKAHEAD else back)
    if latest is not None and now < (until := action_valid_until(hours, latest.at)):
        return _until_leave(hours, _presence_after(hours, latest, until), periods, now)
    if is_open(hours, now):
        shift = shift_at(hours, now)
        return _until_leave(hours, Presence(PresenceStatus.AT_WORK, until=shift.ends if shift else None), periods, now)
    return Presence(PresenceStatus.OFF, until=next_opening(hours, now))


def _until_leave(hours: Calendar, presence: Presence, leaves: Iterable[Leave], now: datetime) -> Presence:
    """A person at work is here until their shift ends, or until leave begins before that.

    The end is not known where their hours go on after it, as around the clock.
    """
    if presence.status is not PresenceStatus.AT_WORK or presence.until is None:
        return presence
    begins = [leave.begins for leave in leaves if now < leave.begins <= presence.until]
    ends = [] if is_open(hours, presence.until) else [presence.until]
    return replace(presence, until=min(begins + ends, default=None))


def away_until(hours: Calendar, profile: PersonProfile, leaves: Iterable[Leave], now: datetime) -> datetime | None:
    """When the absent person is back; leave that follows leave is one absence. None for a person who is not away."""
    periods = list(leaves)
    until = now
    while (later := _time_away_end(hours, profile, periods, until)) is not None and later > until:
        until = later
        if until >= now + MAX_LOOKAHEAD:
            return until
    return None if until == now else until


def away_since(hours: Calendar, profile: PersonProfile, leaves: Iterable[Leave], now: datetime) -> datetime:
    """When they last worked; leave with only closed hours between is one. `leaves` has to contain past leave."""
    periods = list(leaves)
    since = now
    while (earlier := _time_away_start(hours, profile, periods, since)) < since and since > now - MAX_LOOKAHEAD:
        since = earlier
    return since


def check_presence_action(current: Presence, action: PresenceAction, activity: str, timezone: str) -> None:
    """Refused where it would change nothing, or does not follow from the current status."""
    if current.status is PresenceStatus.AWAY:
        raise Refused(_("You are on leave. End it with {command}, then try again.", command=Code("/desk back")))
    if action is PresenceAction.IN and current.status is PresenceStatus.AT_WORK and current.since is not None:
        raise Refused(_already_text(_("You are already here"), current.since, timezone))
    if action is PresenceAction.OUT and current.status is PresenceStatus.OFF:
        raise Refused(_already_text(_("You are already off work"), current.since, timezone))
    if action in (PresenceAction.BREAK, PresenceAction.ACTIVITY) and current.status is PresenceStatus.OFF:
        raise Refused(_("You are off work. Log in first, with the button or {command}.", command=_LOG_IN))
    if action is PresenceAction.BREAK and current.status is PresenceStatus.BREAK:
        text = _already_text(_("You are already on a break"), current.since, timezone)
        raise Refused(_("{text} Log in to end it, with the button or {command}.", text=text, command=_LOG_IN))
    if action is PresenceAction.ACTIVITY and current.status is PresenceStatus.ACTIVITY and current.activity == activity:
        text = _already_text(_("You are already busy with {activity}", activity=activity), current.since, timezone)
        raise Refused(_("{text} Log in to end it, with the button or {command}.", text=text, command=_LOG_IN))


_LOG_IN = Code("/desk in")


def _already_text(status: Text, since: datetime | None, timezone: str) -> Text:
    if since is None:
        return _("{status}.", status=status)
    return _("{status}, since {time}.", status=status, time=f"{since.astimezone(time_zone(timezone)):%H:%M}")


def find_stand_in(policy: Policy, person: str, absent: Collection[str]) -> str | None:
    """The person themselves, else their deputy, or the deputy's deputy; None when all of them are absent."""
    seen: set[str] = set()
    while person and person in absent and person not in seen:
        seen.add(person)
        person = policy.profile(person).deputy
    return None if not person or person in absent else person


def _presence_after(hours: Calendar, latest: RecordedAction, until: datetime) -> Presence:
    if latest.action is PresenceAction.OUT:
        return Presence(PresenceStatus.OFF, until=next_opening(hours, until), since=latest.at)
    if latest.action is PresenceAction.BREAK:
        return Presence(PresenceStatus.BREAK, since=latest.at)
    if latest.action is PresenceAction.ACTIVITY:
        return Presence(PresenceStatus.ACTIVITY, since=latest.at, activity=latest.activity)
    return Presence(PresenceStatus.AT_WORK, until=until, since=latest.at)


def _time_away_end(hours: Calendar, profile: PersonProfile, leaves: list[Leave], at: datetime) -> datetime | None:
    local = local_date(at, hours.timezone)
    ends = [day_bounds(hours, local)[1]] if profile.is_away_on(local) else []
    ends += [leave.ends or at + MAX_LOOKAHEAD for leave in leaves if leave.covers(at)]
    return max(ends, default=None)


def _time_away_start(hours: Calendar, profile: PersonProfile, leaves: list[Leave], at: datetime) -> datetime:
    """When the absence began that covers their last working moment before `at`; `at` where they worked then."""
    before = subtract_business_seconds(hours, at, 1)
    day = local_date(before, hours.timezone)
    begins = [day_bounds(hours, day)[0]] if profile.is_away_on(day) else []
    begins += [leave.begins for leave in leaves if leave.covers(before)]
    return min(begins, default=at)
