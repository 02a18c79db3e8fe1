"""What is promised to a customer, and the clock that holds the desk to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rules.calendars import Calendar, add, back, due, measure
from rules.durations import Duration
from rules.policy import Policy, Target
from rules.tickets import Priority

BREACH = 100  # above every warning's number, so that levels compare


class ClockKind(StrEnum):
    """What a clock counts towards."""

    FIRST_RESPONSE = "first_response"
    RESOLUTION = "resolution"


class ClockState(StrEnum):
    """Where a clock stands; BREACHED is closed late, a running clock past its due time is overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise of one ticket, in the team's open time.

    `level` is the newest alert given: 0 none, 1 and up the warnings, BREACH. `remaining_s` is kept while paused and
    when closed from a pause; below zero it was overdue by that much. `next_alert_at` is None when nothing more is due.
    """

    target: ClockKind
    state: ClockState
    started_at: datetime
    due_at: datetime
    total_s: int
    remaining_s: int | None = None
    level: int = 0
    next_alert_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What the desk says now about one clock: a warning by its number, or BREACH."""

    kind: ClockKind
    level: int


def promised(policy: Policy, kind: ClockKind, *, type: str, priority: Priority, team: str) -> Duration | None:
    """What the most specific row that fits promises; None when no row that fits promises this kind.

    Of two rows with as many conditions, priority weighs more than type and type more than team; then the earlier wins.
    """
    fitting = (
        row
        for row in policy.sla
        if _promise(row, kind)
        and row.type in (None, type)
        and row.priority in (None, priority)
        and row.team in (None, team)
    )
    best = max(fitting, key=_weight, default=None)
    return None if best is None else _promise(best, kind)


def start(policy: Policy, kind: ClockKind, *, type: str, priority: Priority, team: str, at: datetime) -> Clock | None:
    """A clock that runs from `at` by the team's calendar; None when nothing is promised."""
    promise = promised(policy, kind, type=type, priority=priority, team=team)
    if promise is None:
        return None
    calendar = policy.calendar_of(team)
    due_at = due(calendar, at, promise)
    clock = Clock(kind, ClockState.RUNNING, started_at=at, due_at=due_at, total_s=measure(calendar, at, due_at))
    return _armed(policy, clock, calendar)


def pause(clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The time that is left stands still; only a running clock can stop."""
    if clock.state is not ClockState.RUNNING:
        return clock
    left = _left(calendar, at, clock.due_at)
    return replace(clock, state=ClockState.PAUSED, remaining_s=left, next_alert_at=None)


def resume(policy: Policy, clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """The time that was left runs on from `at`; what was overdue stays due when it was."""
    if clock.state is not ClockState.PAUSED:
        return clock
    return _running_on(policy, clock, calendar, at, left=clock.remaining_s or 0)


def meet(clock: Clock, at: datetime) -> Clock:
    """The promise is kept: MET at the due moment or before, BREACHED later; a closed clock stays as it closed."""
    if clock.state is ClockState.PAUSED:
        in_time = (clock.remaining_s or 0) >= 0 and clock.level < BREACH
    elif clock.state is ClockState.RUNNING:
        in_time = at <= clock.due_at
    else:
        return clock
    return replace(clock, state=ClockState.MET if in_time else ClockState.BREACHED, next_alert_at=None, closed_at=at)


def cancel(clock: Clock, at: datetime) -> Clock:
    """Nothing is promised any more; a closed clock stays as it closed."""
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return clock
    return replace(clock, state=ClockState.CANCELLED, next_alert_at=None, closed_at=at)


def reopen(policy: Policy, clock: Clock, calendar: Calendar, at: datetime) -> Clock:
    """A met clock runs on with what remained when it was met; a late one is due when it was due."""
    if clock.state not in (ClockState.MET, ClockState.BREACHED) or clock.closed_at is None:
        return clock
    left = clock.remaining_s if clock.remaining_s is not None else _left(calendar, clock.closed_at, clock.due_at)
    if clock.state is ClockState.BREACHED:
        left = min(left, -1)
    return _running_on(policy, clock, calendar, at, left=left)


def recalculate(
    policy: Policy,
    clock: Clock,
    *,
    type: str,
    priority: Priority,
    team: str,
    now: datetime,
    from_team: str | None = None,
) -> Clock:
    """The new promise from the same start, less the open time already used; pauses stay pauses, and the same promise
    changes nothing.

    `from_team` is the team whose calendar counted until now, where the ticket changed teams. Warnings that the new
    promise has not reached yet are given again. CANCELLED when nothing is promised any more.
    """
    if clock.state not in (ClockState.RUNNING, ClockState.PAUSED):
        return clock
    promise = promised(policy, clock.target, type=type, priority=priority, team=team)
    if promise is None:
        return cancel(clock, now)
    calendar = policy.calendar_of(team)
    plain = due(calendar, clock.started_at, promise)
    total = measure(calendar, clock.started_at, plain)
    if total == clock.total_s and from_team in (None, team):
        return clock
    left = total - _used(clock, policy.calendar_of(from_team or team), now)
    due_at = add(calendar, now, left) if left >= 0 else back(calendar, now, -left)
    if _left(calendar, due_at, plain) == 0:
        due_at = plain
    moved = replace(clock, due_at=due_at, total_s=total, remaining_s=None if clock.remaining_s is None else left)
    moved = replace(moved, level=min(clock.level, _reached(policy, moved, calendar, now)))
    return _armed(policy, moved, calendar) if clock.state is ClockState.RUNNING else moved


def alert_moments(policy: Policy, clock: Clock, calendar: Calendar) -> tuple[tuple[int, datetime], ...]:
    """When each alert falls, as (level, moment): every share of the promised time used, then the due time.

    A warning falls when the team is open, never in its night.
    """
    return tuple(_moments(policy, clock, calendar))


def advance(policy: Policy, clock: Clock, calendar: Calendar, now: datetime) -> tuple[Clock, Alert | None]:
    """The alert due now, if one is, and the clock moved on so that it is given once.

    After a long sleep only the newest alert is given. At the due moment itself nothing is late yet.
    """
    if clock.state is not ClockState.RUNNING:
        return clock, None
    reached = _reached(policy, clock, calendar, now)
    if reached <= clock.level:
        return _armed(policy, clock, calendar), None
    alert = Alert(clock.target, reached)
    return _armed(policy, replace(clock, level=reached), calendar), alert


def _promise(row: Target, kind: ClockKind) -> Duration | None:
    return row.first_response if kind is ClockKind.FIRST_RESPONSE else row.resolution


def _weight(row: Target) -> tuple[int, bool, bool, bool]:
    set_ones = (row.priority is not None, row.type is not None, row.team is not None)
    return sum(set_ones), *set_ones


def _left(calendar: Calendar, at: datetime, until: datetime) -> int:
    """Open time from `at` to `until`, below zero when `until` is the earlier."""
    return measure(calendar, at, until) - measure(calendar, until, at)


def _used(clock: Clock, calendar: Calendar, now: datetime) -> int:
    left = clock.remaining_s if clock.remaining_s is not None else _left(calendar, now, clock.due_at)
    return clock.total_s - left


def _running_on(policy: Policy, clock: Clock, calendar: Calendar, at: datetime, *, left: int) -> Clock:
    due_at = clock.due_at
    if left >= 0 and clock.level < BREACH:
        # A promise in days may be due at an opening; by open time alone it would be due at the closing before it.
        due_at = max(due_at, add(calendar, at, left))
    running = replace(clock, state=ClockState.RUNNING, due_at=due_at, remaining_s=None, closed_at=None)
    return _armed(policy, running, calendar)


def _reached(policy: Policy, clock: Clock, calendar: Calendar, now: datetime) -> int:
    """The newest level that the clock has reached; 0 before the first warning."""
    if now > clock.due_at:
        return BREACH
    return max((level for level, moment in _warnings(policy, clock, calendar) if moment <= now), default=0)


def _moments(policy: Policy, clock: Clock, calendar: Calendar, *, after: int = 0) -> Iterator[tuple[int, datetime]]:
    """The moments of the alerts above that level, each computed only when it is asked for."""
    for level, share in enumerate(sorted(policy.warn_at), start=1):
        if level > after:
            yield level, back(calendar, clock.due_at, round(clock.total_s * (1 - share)))
    if after < BREACH:
        yield BREACH, clock.due_at


def _warnings(policy: Policy, clock: Clock, calendar: Calendar) -> Iterator[tuple[int, datetime]]:
    return ((level, moment) for level, moment in alert_moments(policy, clock, calendar) if level < BREACH)


def _armed(policy: Policy, clock: Clock, calendar: Calendar) -> Clock:
    """The clock with the moment of its next alert; None once the breach is told."""
    ahead = (moment for _, moment in _moments(policy, clock, calendar, after=clock.level))
    return replace(clock, next_alert_at=next(ahead, None))
