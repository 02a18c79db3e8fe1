"""What is said of a promise that is near its time or past it: to whom, when, and how far up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from rules.calendars.calendars import Calendar, due, is_open, measure, next_opening
from rules.calendars.durations import words
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.model.timers import BREACH, Clock, ClockKind, ClockState
from rules.presence.presence import FARTHEST, Leave, away_until
from rules.presence.shifts import Shift, with_own
from rules.sla import timers

SNOOZES = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))
SNOOZE = SNOOZES[0]
MINUTE = 60  # seconds; the business time has no fractions, so the two may differ by one
_TICK = timedelta(microseconds=1)


class Rung(IntEnum):
    """How far up an alert has gone: each step hears what the ones below have heard."""

    HOLDER = 0
    LEAD = 1
    MANAGER = 2


class HearBy(StrEnum):
    """How a person wants to hear of alerts: by direct message, or only in the team's channel."""

    DM = "dm"
    CHANNEL = "channel"


def told(clock: Clock) -> bool:
    """Whether an alert was given and the clock still runs towards its due time, or past it."""
    return clock.state is ClockState.RUNNING and clock.level > 0


def first_rung(level: int, last_warning: int) -> Rung:
    """From the last warning on, the lead has to know too."""
    return Rung.LEAD if level == BREACH or 0 < last_warning <= level else Rung.HOLDER


def climbs_at(policy: Policy, clock: Clock, hours: Calendar) -> datetime | None:
    """When a breach that nobody has acted on goes to the manager, in the open time of who should have; None when it
    does not, or has."""
    if clock.level < BREACH or clock.told_at is None or clock.rung >= Rung.MANAGER or not clock.runs:
        return None
    return due(hours, clock.told_at, policy.alerting.climb_after)


def alerted(policy: Policy, clock: Clock, hours: Calendar, now: datetime) -> Clock:
    """The clock after its alert was given now: who has heard of it, and when somebody else will."""
    rung = first_rung(clock.level, timers.last_warning(policy, clock))
    given = replace(clock, rung=int(rung), told_at=now)
    return waiting(policy, given, hours)


def one_up(clock: Clock, now: datetime) -> Clock:
    """Nobody acted: the next in the ladder hears of it now."""
    return replace(clock, rung=int(Rung.MANAGER), told_at=now)


def acted_on(clock: Clock) -> Clock:
    """Somebody acts: the alert is quiet until the risk grows."""
    return replace(clock, told_at=None)


def waiting(policy: Policy, clock: Clock, hours: Calendar) -> Clock:
    """The clock with the moment at which the desk has to look at it again: its next alert, or the next step up."""
    armed = timers.rearmed(policy, clock)
    moments = [moment for moment in (armed.next_alert_at, climbs_at(policy, armed, hours)) if moment is not None]
    return replace(armed, next_alert_at=min(moments, default=None))


def not_before(hours: Calendar, now: datetime) -> datetime | None:
    """When the desk may speak, if it may not now: nobody is called at night. None when it may."""
    return None if is_open(hours, now) else next_opening(hours, now)


def reachable_at(
    policy: Policy,
    person: str,
    team: str,
    now: datetime,
    leaves: Sequence[Leave] = (),
    *,
    own: tuple[Shift, ...] = (),
) -> datetime:
    """The first moment from now on at which the person works: in their own hours or shifts, and not while they are
    away.

    Who is away for longer than a desk looks ahead is told in the end.
    """
    hours, available = with_own(policy.calendar_for(person, team), own), policy.people.get(person, Availability())
    at = max(next_opening(hours, now), now)
    while at < now + FARTHEST and (until := away_until(hours, available, leaves, at)) is not None:
        at = max(next_opening(hours, until), until)  # calendars count whole seconds: never back into the leave
    return at


def later_than(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment that is not passed twice: at the due moment itself nothing is late yet, just after it something is."""
    return now + _TICK if moment is not None and moment <= now else moment


def time_left(calendar: Calendar, clock: Clock, now: datetime) -> str:
    """The time until it is due; it says so where a night or a break makes it fewer open hours than the clock shows."""
    left = measure(calendar, now, clock.due_at)
    whole = int((clock.due_at - now).total_seconds())
    return words(left) if abs(whole - left) < MINUTE else f"{words(left)} of open hours"


def sentence(calendar: Calendar, clock: Clock, now: datetime) -> str:
    """What the ticket needs and how long that has, or what is overdue: the end of a sentence that names the ticket."""
    if clock.level == BREACH or clock.due_at < now:
        return f"is overdue: {_LATE[clock.target]} was promised by now"
    return f"{MUST[clock.target]} in {time_left(calendar, clock, now)}"


_LATE = {
    ClockKind.FIRST_RESPONSE: "its first reply",
    ClockKind.NEXT_RESPONSE: "the next reply",
    ClockKind.STEP: "its step",
    ClockKind.EXPERT_ANSWER: "the experts' answer",
    ClockKind.RESOLUTION: "its solution",
}
MUST = {
    ClockKind.FIRST_RESPONSE: "needs its first reply",
    ClockKind.NEXT_RESPONSE: "needs the next reply",
    ClockKind.STEP: "must have its step done",
    ClockKind.EXPERT_ANSWER: "needs the experts' answer",
    ClockKind.RESOLUTION: "must be done",
}
