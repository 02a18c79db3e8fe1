"""An SLA timer's life: it starts, pauses, closes met or breached, changes its target, and alerts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rules.calendars.calendars import (
    Calendar,
    add_business_seconds,
    business_seconds_between,
    due_time,
    subtract_business_seconds,
)
from rules.calendars.durations import Duration
from rules.model.policy import Policy
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerEvent, TimerEventKind, TimerKind, TimerState
from rules.sla.targets import SlaCase, find_target
from rules.text import Text, _

WAITING_FOR_CUSTOMER = _("waiting for customer")
NO_TARGET = _("there is no SLA for it any more")


@dataclass(frozen=True, slots=True)
class TimerAlert:
    """The alert due now on one timer: a warning by its number, or BREACH_LEVEL."""

    kind: TimerKind
    level: int


def start_timer(policy: Policy, kind: TimerKind, case: SlaCase, at: datetime) -> SlaTimer | None:
    """A timer that runs from `at` by the target's calendar; None when there is no target."""
    target = find_target(policy, kind, case)
    if target is None:
        return None
    calendar = policy.calendar(target.calendar)
    due_at = due_time(calendar, at, target.duration)
    total_s = business_seconds_between(calendar, at, due_at)
    first_alert_at = _first_alert_at(policy, calendar, due_at, total_s)
    return SlaTimer(
        kind,
        TimerState.RUNNING,
        started_at=at,
        due_at=due_at,
        total_s=total_s,
        next_alert_at=first_alert_at,
        calendar=target.calendar,
        duration_text=str(target.duration),
        conditions_text=target.conditions_text,
        due_soon_at=first_alert_at,
    )


def pause_timer(
    policy: Policy, timer: SlaTimer, at: datetime, *, reason: Text | str = WAITING_FOR_CUSTOMER
) -> SlaTimer:
    """Keeps the remaining time; only a running timer can pause."""
    if timer.state is not TimerState.RUNNING:
        return timer
    left = remaining_seconds(policy, timer, at)
    if at > timer.due_at:
        left = min(left, -1)  # late even if no business time has passed since the due time, as in the night after it
    stopped = replace(timer, state=TimerState.PAUSED, remaining_s=left, next_alert_at=None)
    return _with_event(stopped, TimerEventKind.PAUSED, at, left, reason)


def resume_timer(policy: Policy, timer: SlaTimer, at: datetime) -> SlaTimer:
    """The remaining time runs on from `at`; an overdue timer stays due when it was."""
    if timer.state is not TimerState.PAUSED:
        return timer
    left = timer.remaining_s or 0
    return _with_event(_run_on(policy, timer, at, left=left), TimerEventKind.RESUMED, at, left)


def close_timer(policy: Policy, timer: SlaTimer, at: datetime) -> SlaTimer:
    """MET at the due moment or before, BREACHED later; a closed timer stays as it closed."""
    if timer.state is TimerState.PAUSED:
        in_time = (timer.remaining_s or 0) >= 0 and timer.alert_level < BREACH_LEVEL
    elif timer.state is TimerState.RUNNING:
        in_time = at <= timer.due_at
    else:
        return timer
    left = remaining_seconds(policy, timer, at)
    state, did = (TimerState.MET, TimerEventKind.MET) if in_time else (TimerState.BREACHED, TimerEventKind.BREACHED)
    return _with_event(replace(timer, state=state, next_alert_at=None, closed_at=at), did, at, left)


def cancel_timer(policy: Policy, timer: SlaTimer, at: datetime, *, reason: Text | str = NO_TARGET) -> SlaTimer:
    if not timer.is_open:
        return timer
    left = remaining_seconds(policy, timer, at)
    ended = replace(timer, state=TimerState.CANCELLED, next_alert_at=None, closed_at=at)
    return _with_event(ended, TimerEventKind.CANCELLED, at, left, reason)


def reopen_timer(policy: Policy, timer: SlaTimer, at: datetime) -> SlaTimer:
    """A met timer runs on with the time that remained when it was met; a late one is due when it was due."""
    if timer.state not in (TimerState.MET, TimerState.BREACHED) or timer.closed_at is None:
        return timer
    left = _remaining_at_close(policy, timer, timer.closed_at)
    if timer.state is TimerState.BREACHED:
        left = min(left, -1)
    return _with_event(_run_on(policy, timer, at, left=left), TimerEventKind.REOPENED, at, left)


def take_back_close(policy: Policy, timer: SlaTimer) -> SlaTimer:
    """As if it had not been closed: due when it was due, or paused as it was; a cancelled timer stays cancelled."""
    if timer.state not in (TimerState.MET, TimerState.BREACHED):
        return timer
    state = TimerState.RUNNING if timer.remaining_s is None else TimerState.PAUSED
    return schedule_next_alert(policy, replace(timer, state=state, closed_at=None, events=timer.events[:-1]))


def extend_timer(policy: Policy, timer: SlaTimer, duration: Duration, at: datetime, *, reason: str) -> SlaTimer:
    """Adds business time from the due time, or from now where that has passed; warnings are sent again.

    What was overdue until now is forgiven. A closed timer is never rewritten; a paused one gets the time when it
    resumes.
    """
    begins = max(at, timer.due_at) if timer.is_running else at
    until = due_time(policy.calendar(timer.calendar), begins, duration)
    return extend_timer_until(policy, timer, until, at, reason=reason)


def extend_timer_until(
    policy: Policy, timer: SlaTimer, until: datetime, at: datetime, *, reason: Text | str
) -> SlaTimer:
    if not timer.is_open:
        return timer
    calendar = policy.calendar(timer.calendar)
    added_s = business_seconds_between(calendar, max(at, timer.due_at) if timer.is_running else at, until)
    longer = replace(timer, total_s=timer.total_s + added_s)
    if timer.is_running:
        moved = _reset_warnings(policy, replace(longer, due_at=until), at)
    else:
        left = max(timer.remaining_s or 0, 0) + added_s
        moved = replace(longer, remaining_s=left, alert_level=0, escalation_step=0, alerted_at=None)
    left = remaining_seconds(policy, moved, at)
    event = TimerEvent(at, TimerEventKind.EXTENDED, moved.due_at, left, reason, granted_s=added_s)
    return schedule_next_alert(policy, replace(moved, events=(*timer.events, event)))


def recalculate_timer(
    policy: Policy,
    timer: SlaTimer,
    case: SlaCase,
    *,
    now: datetime,
    reason: Text | str = "",
    before: Policy | None = None,
) -> SlaTimer:
    """The new target from the same start, less the time already used; pauses stay, granted time stays granted, and an
    equal target changes nothing.

    `before` is the policy in force until now, where it is another one. Warnings that the new target has not reached yet
    are sent again. CANCELLED when there is no target any more; a closed timer is never rewritten.
    """
    if not timer.is_open:
        return timer
    target = find_target(policy, timer.target, case)
    if target is None:
        return cancel_timer(policy, timer, now)
    old, calendar = (before or policy).calendar(timer.calendar), policy.calendar(target.calendar)
    plain = due_time(calendar, timer.started_at, target.duration)
    granted_s = sum(event.granted_s for event in timer.events)
    total = business_seconds_between(calendar, timer.started_at, plain) + granted_s
    moved = replace(
        timer, duration_text=str(target.duration), calendar=target.calendar, conditions_text=target.conditions_text
    )
    if total == timer.total_s and old == calendar:
        return moved if before is None else schedule_next_alert(policy, moved)
    used = timer.total_s - _remaining_by(old, timer, now)
    left = total - used
    due_at, paused_s = _moved_due_time(calendar, now, left, plain), None if timer.remaining_s is None else left
    moved = _reset_warnings(policy, replace(moved, due_at=due_at, total_s=total, remaining_s=paused_s), now)
    event = TimerEvent(
        now,
        TimerEventKind.MOVED,
        moved.due_at,
        left,
        reason,
        duration_text=moved.duration_text,
        calendar=moved.calendar,
        previous_duration_text=timer.duration_text,
        previous_calendar=timer.calendar,
        previous_total_s=timer.total_s,
        used_s=used,
        hours_changed=old != policy.calendar(timer.calendar),
    )
    return schedule_next_alert(policy, replace(moved, events=(*timer.events, event)))


def remaining_seconds(policy: Policy, timer: SlaTimer, at: datetime) -> int:
    """Business seconds left at that moment, below zero when overdue."""
    return _remaining_by(policy.calendar(timer.calendar), timer, at)


def used_seconds(policy: Policy, timer: SlaTimer, at: datetime) -> int:
    """Business seconds of the target that are used at that moment, or were when the timer closed."""
    return max(timer.total_s - remaining_seconds(policy, timer, timer.closed_at or at), 0)


def alert_moments(policy: Policy, timer: SlaTimer) -> tuple[tuple[int, datetime], ...]:
    """The moment of each alert as (level, moment): every warning of `warn_at` in order, then the due time.

    A warning falls within opening hours. A warning that would fall before the timer began is left out.
    """
    return tuple(_moments_after(policy, timer))


def last_warning_level(policy: Policy, timer: SlaTimer) -> int:
    return len(_warning_seconds(policy, timer.total_s))


def advance_alert(policy: Policy, timer: SlaTimer, now: datetime) -> tuple[SlaTimer, TimerAlert | None]:
    """The alert due now, if any, and the timer moved on so that it is sent once.

    After a long sleep only the newest alert is sent. At the due moment itself nothing is late yet.
    """
    if timer.state is not TimerState.RUNNING:
        return timer, None
    reached = _reached_level(policy, timer, now)
    if reached <= timer.alert_level:
        return _with_next_alert(policy, timer), None
    return _with_next_alert(policy, replace(timer, alert_level=reached)), TimerAlert(timer.target, reached)


def skip_passed_alerts(policy: Policy, timer: SlaTimer, now: datetime) -> SlaTimer:
    """As if every alert up to now had been sent: only what is still to come will be."""
    if not timer.is_open:
        return timer
    return schedule_next_alert(policy, replace(timer, alert_level=_reached_level(policy, timer, now)))


def schedule_next_alert(policy: Policy, timer: SlaTimer) -> SlaTimer:
    """A paused timer alerts nobody; its due time may have changed all the same."""
    return (
        _with_next_alert(policy, timer) if timer.is_running else replace(timer, due_soon_at=due_soon_at(policy, timer))
    )


def due_soon_at(policy: Policy, timer: SlaTimer) -> datetime:
    return _first_alert_at(policy, policy.calendar(timer.calendar), timer.due_at, timer.total_s)


def _first_alert_at(policy: Policy, calendar: Calendar, due_at: datetime, total_s: int) -> datetime:
    """The first warning, or the due time where there is none."""
    warnings = _warning_seconds(policy, total_s)
    return subtract_business_seconds(calendar, due_at, warnings[0]) if warnings else due_at


def _with_event(timer: SlaTimer, kind: TimerEventKind, at: datetime, left: int, reason: Text | str = "") -> SlaTimer:
    return replace(timer, events=(*timer.events, TimerEvent(at, kind, timer.due_at, left, reason)))


def _signed_seconds_between(calendar: Calendar, at: datetime, until: datetime) -> int:
    """Business time from `at` to `until`, below zero when `until` is the earlier."""
    return business_seconds_between(calendar, at, until) - business_seconds_between(calendar, until, at)


def _remaining_by(calendar: Calendar, timer: SlaTimer, at: datetime) -> int:
    return timer.remaining_s if timer.remaining_s is not None else _signed_seconds_between(calendar, at, timer.due_at)


def _remaining_at_close(policy: Policy, timer: SlaTimer, at: datetime) -> int:
    """As counted then, because the opening hours may have changed since; a timer without events is counted now."""
    closing = timer.events[-1] if timer.events else None
    if timer.remaining_s is None and closing and closing.kind in (TimerEventKind.MET, TimerEventKind.BREACHED):
        return closing.left_s
    return remaining_seconds(policy, timer, at)


def _moved_due_time(calendar: Calendar, now: datetime, left: int, plain: datetime) -> datetime:
    """A target in days may be due at an opening; by business time alone it would be due at the closing before it."""
    due_at = add_business_seconds(calendar, now, left) if left >= 0 else subtract_business_seconds(calendar, now, -left)
    return plain if _signed_seconds_between(calendar, due_at, plain) == 0 else due_at


def _run_on(policy: Policy, timer: SlaTimer, at: datetime, *, left: int) -> SlaTimer:
    due_at = timer.due_at
    if left >= 0 and timer.alert_level < BREACH_LEVEL:
        due_at = max(due_at, add_business_seconds(policy.calendar(timer.calendar), at, left))
    running = replace(timer, state=TimerState.RUNNING, due_at=due_at, remaining_s=None, closed_at=None)
    return _with_next_alert(policy, running)


def _reset_warnings(policy: Policy, timer: SlaTimer, now: datetime) -> SlaTimer:
    """Keeps the warnings sent only as far as the timer has reached them now."""
    level = min(timer.alert_level, _reached_level(policy, timer, now))
    if level == timer.alert_level:
        return timer
    return replace(timer, alert_level=level, escalation_step=0, alerted_at=None)


def _reached_level(policy: Policy, timer: SlaTimer, now: datetime) -> int:
    if timer.state is TimerState.PAUSED:
        left = timer.remaining_s or 0
        return BREACH_LEVEL if left <= 0 else sum(left <= left_s for left_s in _warning_seconds(policy, timer.total_s))
    if now > timer.due_at:
        return BREACH_LEVEL
    reached = (level for level, moment in _moments_after(policy, timer) if level < BREACH_LEVEL and moment <= now)
    return max(reached, default=0)


def _moments_after(policy: Policy, timer: SlaTimer, *, level_after: int = 0) -> Iterator[tuple[int, datetime]]:
    """The alerts above that level, each computed only when it is read."""
    calendar = policy.calendar(timer.calendar)
    for level, seconds in enumerate(_warning_seconds(policy, timer.total_s), start=1):
        if level > level_after:
            yield level, subtract_business_seconds(calendar, timer.due_at, seconds)
    if level_after < BREACH_LEVEL:
        yield BREACH_LEVEL, timer.due_at


def _warning_seconds(policy: Policy, total_s: int) -> list[int]:
    """The business seconds left at each warning, the earliest warning first."""
    seconds_left = (
        warning.seconds if isinstance(warning, Duration) else round(total_s * (1 - warning))
        for warning in policy.warn_at
    )
    return sorted({seconds for seconds in seconds_left if seconds < total_s}, reverse=True)


def _with_next_alert(policy: Policy, timer: SlaTimer) -> SlaTimer:
    moments = (moment for _, moment in _moments_after(policy, timer, level_after=timer.alert_level))
    next_alert_at = next(moments, None)
    first = due_soon_at(policy, timer) if timer.alert_level else next_alert_at
    return replace(timer, next_alert_at=next_alert_at, due_soon_at=first)
