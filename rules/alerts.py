"""What is said of a promise that is near its time or past it: to whom, when, and how far up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from rules.calendars.calendars import Calendar, business_seconds_between, due_time, is_open, next_opening
from rules.calendars.durations import format_seconds
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerKind, TimerState
from rules.presence.presence import MAX_LOOKAHEAD, Leave, away_until
from rules.presence.shifts import Shift, with_own_shifts
from rules.sla import timers

SNOOZE_CHOICES = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))
DEFAULT_SNOOZE = SNOOZE_CHOICES[0]
SECONDS_PER_MINUTE = 60  # seconds; the business time has no fractions, so the two may differ by one
_TICK = timedelta(microseconds=1)


class EscalationStep(IntEnum):
    """How far up an alert has gone: each step hears what the ones below have heard."""

    ASSIGNEE = 0
    LEAD = 1
    MANAGER = 2


class AlertChannel(StrEnum):
    """How a person wants to hear of alerts: by direct message, or only in the team's channel."""

    DM = "dm"
    CHANNEL = "channel"


def has_alerted(timer: SlaTimer) -> bool:
    """Whether an alert was given and the clock still runs towards its due time, or past it."""
    return timer.state is TimerState.RUNNING and timer.alert_level > 0


def first_escalation_step(level: int, last_warning: int) -> EscalationStep:
    """From the last warning on, the lead has to know too."""
    return EscalationStep.LEAD if level == BREACH_LEVEL or 0 < last_warning <= level else EscalationStep.ASSIGNEE


def escalates_at(policy: Policy, timer: SlaTimer, hours: Calendar) -> datetime | None:
    """When a breach that nobody has acted on goes to the manager, in the open time of who should have; None when it
    does not, or has."""
    if (
        timer.alert_level < BREACH_LEVEL
        or timer.alerted_at is None
        or timer.escalation_step >= EscalationStep.MANAGER
        or not timer.is_running
    ):
        return None
    return due_time(hours, timer.alerted_at, policy.alert_settings.escalate_after)


def record_alert(policy: Policy, timer: SlaTimer, hours: Calendar, now: datetime) -> SlaTimer:
    """The clock after its alert was given now: who has heard of it, and when somebody else will."""
    rung = first_escalation_step(timer.alert_level, timers.last_warning_level(policy, timer))
    given = replace(timer, escalation_step=int(rung), alerted_at=now)
    return schedule_next_check(policy, given, hours)


def escalate_to_manager(timer: SlaTimer, now: datetime) -> SlaTimer:
    """Nobody acted: the next in the ladder hears of it now."""
    return replace(timer, escalation_step=int(EscalationStep.MANAGER), alerted_at=now)


def acknowledge_alert(timer: SlaTimer) -> SlaTimer:
    """Somebody acts: the alert is quiet until the risk grows."""
    return replace(timer, alerted_at=None)


def schedule_next_check(policy: Policy, timer: SlaTimer, hours: Calendar) -> SlaTimer:
    """The clock with the moment at which the desk has to look at it again: its next alert, or the next step up."""
    armed = timers.schedule_next_alert(policy, timer)
    moments = [moment for moment in (armed.next_alert_at, escalates_at(policy, armed, hours)) if moment is not None]
    return replace(armed, next_alert_at=min(moments, default=None))


def quiet_until(hours: Calendar, now: datetime) -> datetime | None:
    """When the desk may speak, if it may not now: nobody is called at night. None when it may."""
    return None if is_open(hours, now) else next_opening(hours, now)


def reachable_at(
    policy: Policy,
    person: str,
    team: str,
    now: datetime,
    leaves: Sequence[Leave] = (),
    *,
    own_shifts: tuple[Shift, ...] = (),
) -> datetime:
    """The first moment from now on at which the person works: in their own hours or shifts, and not while they are
    away.

    Who is away for longer than a desk looks ahead is told in the end.
    """
    hours, available = (
        with_own_shifts(policy.person_calendar(person, team), own_shifts),
        policy.people.get(person, PersonProfile()),
    )
    at = max(next_opening(hours, now), now)
    while at < now + MAX_LOOKAHEAD and (until := away_until(hours, available, leaves, at)) is not None:
        at = max(next_opening(hours, until), until)  # calendars count whole seconds: never back into the leave
    return at


def postpone_past(moment: datetime | None, now: datetime) -> datetime | None:
    """A moment that is not passed twice: at the due moment itself nothing is late yet, just after it something is."""
    return now + _TICK if moment is not None and moment <= now else moment


def remaining_time_text(calendar: Calendar, timer: SlaTimer, now: datetime) -> str:
    """The time until it is due; it says so where a night or a break makes it fewer open hours than the clock shows."""
    left = business_seconds_between(calendar, now, timer.due_at)
    whole = int((timer.due_at - now).total_seconds())
    return format_seconds(left) if abs(whole - left) < SECONDS_PER_MINUTE else f"{format_seconds(left)} of open hours"


def alert_sentence(calendar: Calendar, timer: SlaTimer, now: datetime) -> str:
    """What the ticket needs and how long that has, or what is overdue: the end of a sentence that names the ticket."""
    if timer.alert_level == BREACH_LEVEL or timer.due_at < now:
        return f"is overdue: {_OVERDUE_SUBJECTS[timer.target]} was promised by now"
    return f"{TARGET_NEEDS[timer.target]} in {remaining_time_text(calendar, timer, now)}"


_OVERDUE_SUBJECTS = {
    TimerKind.FIRST_RESPONSE: "its first reply",
    TimerKind.NEXT_RESPONSE: "the next reply",
    TimerKind.STEP: "its step",
    TimerKind.EXPERT_ANSWER: "the experts' answer",
    TimerKind.RESOLUTION: "its solution",
}
TARGET_NEEDS = {
    TimerKind.FIRST_RESPONSE: "needs its first reply",
    TimerKind.NEXT_RESPONSE: "needs the next reply",
    TimerKind.STEP: "must have its step done",
    TimerKind.EXPERT_ANSWER: "needs the experts' answer",
    TimerKind.RESOLUTION: "must be done",
}
