"""Alerts on SLA timers that are due soon or breached: recipients, timing and escalation steps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from rules.calendars.calendars import Calendar, business_seconds_between, due_time, is_open, next_opening
from rules.model.policy import Policy
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerState
from rules.presence.presence import MAX_LOOKAHEAD, Leave, away_until
from rules.presence.shifts import Shifts, with_own_shifts
from rules.sla import timers
from rules.text import Duration, Text, WorkTime, _

SNOOZE_CHOICES = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))
DEFAULT_SNOOZE = SNOOZE_CHOICES[0]
SECONDS_PER_MINUTE = 60  # business time has no fractions, so wall and business time may differ by a second
_TICK = timedelta(microseconds=1)


class EscalationStep(IntEnum):
    """How far up an alert has gone; the recipients of lower steps stay included."""

    ASSIGNEE = 0
    LEAD = 1
    MANAGER = 2


class AlertChannel(StrEnum):
    """Where a person receives alerts: by direct message, or only in the team's channel."""

    DM = "dm"
    CHANNEL = "channel"


def has_alerted(timer: SlaTimer) -> bool:
    return timer.state is TimerState.RUNNING and timer.alert_level > 0


def first_escalation_step(level: int, last_warning: int) -> EscalationStep:
    return EscalationStep.LEAD if level == BREACH_LEVEL or 0 < last_warning <= level else EscalationStep.ASSIGNEE


def escalates_at(policy: Policy, timer: SlaTimer, hours: Calendar) -> datetime | None:
    """When an unanswered breach goes to the manager, in the recipient's working hours; None when it does not."""
    is_breached = timer.is_running and timer.alert_level >= BREACH_LEVEL
    if timer.alerted_at is None or not is_breached or timer.escalation_step >= EscalationStep.MANAGER:
        return None
    return due_time(hours, timer.alerted_at, policy.alert_settings.escalate_after)


def record_alert(policy: Policy, timer: SlaTimer, hours: Calendar, now: datetime) -> SlaTimer:
    step = first_escalation_step(timer.alert_level, timers.last_warning_level(policy, timer))
    return schedule_next_check(policy, replace(timer, escalation_step=int(step), alerted_at=now), hours)


def escalate_to_manager(timer: SlaTimer, now: datetime) -> SlaTimer:
    return replace(timer, escalation_step=int(EscalationStep.MANAGER), alerted_at=now)


def acknowledge_alert(timer: SlaTimer) -> SlaTimer:
    return replace(timer, alerted_at=None)


def schedule_next_check(policy: Policy, timer: SlaTimer, hours: Calendar) -> SlaTimer:
    armed = timers.schedule_next_alert(policy, timer)
    moments = [moment for moment in (armed.next_alert_at, escalates_at(policy, armed, hours)) if moment is not None]
    return replace(armed, next_alert_at=min(moments, default=None))


def quiet_until(hours: Calendar, now: datetime) -> datetime | None:
    """When the desk may notify, if it may not now: never outside working hours. None when it may."""
    return None if is_open(hours, now) else next_opening(hours, now)


def reachable_at(
    policy: Policy, person: str, team: str, now: datetime, leaves: Sequence[Leave] = (), *, own_shifts: Shifts = ()
) -> datetime:
    """The first moment from now on at which the person works and is not away.

    For a person who is away for longer than MAX_LOOKAHEAD it is the end of that span.
    """
    hours, profile = with_own_shifts(policy.person_calendar(person, team), own_shifts), policy.profile(person)
    at = max(next_opening(hours, now), now)
    while at < now + MAX_LOOKAHEAD and (until := away_until(hours, profile, leaves, at)) is not None:
        at = max(next_opening(hours, until), until)  # calendars count whole seconds: never back into the leave
    return at


def postpone_past(moment: datetime | None, now: datetime) -> datetime | None:
    """A tick later than now where the moment has passed: at the due moment itself nothing is late yet."""
    return now + _TICK if moment is not None and moment <= now else moment


def remaining_time(calendar: Calendar, timer: SlaTimer, now: datetime) -> Text | Duration:
    """The business time until the due time; says so where it is less than the time on the wall clock."""
    business_s = business_seconds_between(calendar, now, timer.due_at)
    wall_s = int((timer.due_at - now).total_seconds())
    if abs(wall_s - business_s) < SECONDS_PER_MINUTE:
        return Duration(business_s)
    return _("{time} of business hours", time=WorkTime(business_s))


def alert_sentence(calendar: Calendar, timer: SlaTimer, now: datetime) -> Text:
    if timer.alert_level == BREACH_LEVEL or timer.due_at < now:
        return _("{target} SLA breached", target=timer.target.label)
    return _("{target} due in {time}", target=timer.target.label, time=remaining_time(calendar, timer, now))
