"""The clock that holds the desk to a promise: it runs, stands still, is kept or broken, moves, and warns."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rules.calendars.calendars import Calendar, add, back, due, measure
from rules.calendars.durations import Duration
from rules.model.policy import Policy
from rules.model.timers import BREACH, Clock, ClockKind, ClockState, Turn, Turned
from rules.sla.targets import Case, promised

CUSTOMER = "waiting for the customer"


@dataclass(frozen=True, slots=True)
class Alert:
    """What the desk says now about one clock: a warning by its number, or BREACH."""

    kind: ClockKind
    level: int


def start(policy: Policy, kind: ClockKind, case: Case, at: datetime) -> Clock | None:
    """A clock that runs from `at` by the calendar of what was promised; None when nothing is."""
    promise = promised(policy, kind, case)
    if promise is None:
        return None
    calendar = policy.calendar(promise.calendar)
    due_at = due(calendar, at, promise.duration)
    clock = Clock(
        kind,
        ClockState.RUNNING,
        started_at=at,
        due_at=due_at,
        total_s=measure(calendar, at, due_at),
        calendar=promise.calendar,
        promise=str(promise.duration),
        because=promise.because,
    )
    return _armed(policy, clock)


def pause(policy: Policy, clock: Clock, at: datetime, *, why: str = CUSTOMER) -> Clock:
    """The time that is left stands still; only a running clock can stop."""
    if clock.state is not ClockState.RUNNING:
        return clock
    left = left_of(policy, clock, at)
    if at > clock.due_at:
        left = min(left, -1)  # in the night after the due time no open time has passed, and it is late all the same
    stopped = replace(clock, state=ClockState.PAUSED, remaining_s=left, next_alert_at=None)
    return _turned(stopped, Turned.PAUSED, at, left, why)


def resume(policy: Policy, clock: Clock, at: datetime) -> Clock:
    """The time that was left runs on from `at`; what was overdue stays due when it was."""
    if clock.state is not ClockState.PAUSED:
        return clock
    left = clock.remaining_s or 0
    return _turned(_running_on(policy, clock, at, left=left), Turned.RESUMED, at, left)


def meet(policy: Policy, clock: Clock, at: datetime) -> Clock:
    """The promise is kept: MET at the due moment or before, BREACHED later; a closed clock stays as it closed."""
    if clock.state is ClockState.PAUSED:
        in_time = (clock.remaining_s or 0) >= 0 and clock.level < BREACH
    elif clock.state is ClockState.RUNNING:
        in_time = at <= clock.due_at
    else:
        return clock
    left = left_of(policy, clock, at)
    state, did = (ClockState.MET, Turned.MET) if in_time else (ClockState.BREACHED, Turned.BREACHED)
    return _turned(replace(clock, state=state, next_alert_at=None, closed_at=at), did, at, left)


def cancel(policy: Policy, clock: Clock, at: datetime, *, why: str = "nothing is promised any more") -> Clock:
    """What was promised is not owed any more; a closed clock stays as it closed."""
    if not clock.is_open:
        return clock
    left = left_of(policy, clock, at)
    ended = replace(clock, state=ClockState.CANCELLED, next_alert_at=None, closed_at=at)
    return _turned(ended, Turned.CANCELLED, at, left, why)


def reopen(policy: Policy, clock: Clock, at: datetime) -> Clock:
    """A met clock runs on with what remained when it was met; a late one is due when it was due."""
    if clock.state not in (ClockState.MET, ClockState.BREACHED) or clock.closed_at is None:
        return clock
    calendar = policy.calendar(clock.calendar)
    left = clock.remaining_s if clock.remaining_s is not None else _left(calendar, clock.closed_at, clock.due_at)
    if clock.state is ClockState.BREACHED:
        left = min(left, -1)
    return _turned(_running_on(policy, clock, at, left=left), Turned.REOPENED, at, left)


def extend(policy: Policy, clock: Clock, duration: Duration, at: datetime, *, why: str) -> Clock:
    """So much more open time, from when it was due, or from now where that has passed; warnings are given anew.

    What was overdue until now is not held against anybody. A closed clock is never rewritten; a paused one gets the
    time when it runs on.
    """
    begins = max(at, clock.due_at) if clock.runs else at
    return extend_to(policy, clock, due(policy.calendar(clock.calendar), begins, duration), at, why=why)


def extend_to(policy: Policy, clock: Clock, until: datetime, at: datetime, *, why: str) -> Clock:
    """`extend`, up to that moment."""
    if not clock.is_open:
        return clock
    calendar = policy.calendar(clock.calendar)
    more = measure(calendar, max(at, clock.due_at) if clock.runs else at, until)
    longer = replace(clock, total_s=clock.total_s + more)
    if clock.runs:
        moved = _warned_anew(policy, replace(longer, due_at=until), at)
    else:
        moved = replace(longer, remaining_s=max(clock.remaining_s or 0, 0) + more, level=0, rung=0, told_at=None)
    turn = Turn(at, Turned.EXTENDED, moved.due_at, left_of(policy, moved, at), why, granted_s=more)
    moved = replace(moved, turns=(*clock.turns, turn))
    return _armed(policy, moved) if clock.runs else moved


def recalculate(
    policy: Policy, clock: Clock, case: Case, *, now: datetime, why: str = "", before: Policy | None = None
) -> Clock:
    """The new promise from the same start, less the open time already used; pauses stay pauses, and the same promise
    changes nothing. Time that was granted on top stays granted.

    `before` is the description that counted until now, where it is another one. Warnings that the new promise has not
    reached yet are given again. CANCELLED when nothing is promised any more; a closed clock is never rewritten.
    """
    if not clock.is_open:
        return clock
    promise = promised(policy, clock.target, case)
    if promise is None:
        return cancel(policy, clock, now)
    old, calendar = (before or policy).calendar(clock.calendar), policy.calendar(promise.calendar)
    plain = due(calendar, clock.started_at, promise.duration)
    total = measure(calendar, clock.started_at, plain) + _granted(clock)
    if total == clock.total_s and old == calendar:
        kept = replace(clock, promise=str(promise.duration), calendar=promise.calendar, because=promise.because)
        return kept if before is None else rearmed(policy, kept)
    used = clock.total_s - _left_by(old, clock, now)
    left = total - used
    moved = replace(
        clock,
        due_at=_moved_due(calendar, now, left, plain),
        total_s=total,
        remaining_s=None if clock.remaining_s is None else left,
        calendar=promise.calendar,
        promise=str(promise.duration),
        because=promise.because,
    )
    moved = _warned_anew(policy, moved, now)
    turn = Turn(
        now,
        Turned.MOVED,
        moved.due_at,
        left,
        why,
        promise=moved.promise,
        calendar=moved.calendar,
        was=clock.promise,
        was_in=clock.calendar,
        was_s=clock.total_s,
        used_s=used,
        new_hours=old != policy.calendar(clock.calendar),
    )
    moved = replace(moved, turns=(*clock.turns, turn))
    return _armed(policy, moved) if clock.runs else moved


def left_of(policy: Policy, clock: Clock, at: datetime) -> int:
    """Open seconds that are left at that moment, below zero when it is overdue."""
    return _left_by(policy.calendar(clock.calendar), clock, at)


def alert_moments(policy: Policy, clock: Clock) -> tuple[tuple[int, datetime], ...]:
    """When each alert falls, as (level, moment): every warning of `warn_at` in its order, then the due time.

    A warning falls when the team is open, never in its night. One that would fall before the clock began is left out.
    """
    return tuple(_moments(policy, clock))


def last_warning(policy: Policy, clock: Clock) -> int:
    """The number of the last warning before the breach; 0 where there is none."""
    return len(_ahead(policy, clock))


def advance(policy: Policy, clock: Clock, now: datetime) -> tuple[Clock, Alert | None]:
    """The alert due now, if one is, and the clock moved on so that it is given once.

    After a long sleep only the newest alert is given. At the due moment itself nothing is late yet.
    """
    if clock.state is not ClockState.RUNNING:
        return clock, None
    reached = _reached(policy, clock, now)
    if reached <= clock.level:
        return _armed(policy, clock), None
    return _armed(policy, replace(clock, level=reached)), Alert(clock.target, reached)


def rearmed(policy: Policy, clock: Clock) -> Clock:
    """The clock with the moment of its next alert by the warnings that count now."""
    return _armed(policy, clock) if clock.runs else clock


def _turned(clock: Clock, did: Turned, at: datetime, left: int, why: str = "") -> Clock:
    return replace(clock, turns=(*clock.turns, Turn(at, did, clock.due_at, left, why)))


def _granted(clock: Clock) -> int:
    """The open seconds that extensions added to the plain promise."""
    return sum(turn.granted_s for turn in clock.turns)


def _left(calendar: Calendar, at: datetime, until: datetime) -> int:
    """Open time from `at` to `until`, below zero when `until` is the earlier."""
    return measure(calendar, at, until) - measure(calendar, until, at)


def _left_by(calendar: Calendar, clock: Clock, at: datetime) -> int:
    return clock.remaining_s if clock.remaining_s is not None else _left(calendar, at, clock.due_at)


def _moved_due(calendar: Calendar, now: datetime, left: int, plain: datetime) -> datetime:
    """A promise in days may be due at an opening; by open time alone it would be due at the closing before it."""
    due_at = add(calendar, now, left) if left >= 0 else back(calendar, now, -left)
    return plain if _left(calendar, due_at, plain) == 0 else due_at


def _running_on(policy: Policy, clock: Clock, at: datetime, *, left: int) -> Clock:
    due_at = clock.due_at
    if left >= 0 and clock.level < BREACH:
        due_at = max(due_at, add(policy.calendar(clock.calendar), at, left))
    running = replace(clock, state=ClockState.RUNNING, due_at=due_at, remaining_s=None, closed_at=None)
    return _armed(policy, running)


def _warned_anew(policy: Policy, clock: Clock, now: datetime) -> Clock:
    """Of the warnings given, those count that the clock has reached as it is now."""
    level = min(clock.level, _reached(policy, clock, now) if clock.runs else _reached_when_stopped(policy, clock))
    same = level == clock.level
    return replace(clock, level=level, rung=clock.rung if same else 0, told_at=clock.told_at if same else None)


def _reached(policy: Policy, clock: Clock, now: datetime) -> int:
    """The newest level that the clock has reached; 0 before the first warning."""
    if now > clock.due_at:
        return BREACH
    return max((level for level, moment in _moments(policy, clock) if level < BREACH and moment <= now), default=0)


def _reached_when_stopped(policy: Policy, clock: Clock) -> int:
    left = clock.remaining_s or 0
    return BREACH if left <= 0 else sum(left <= seconds for seconds in _ahead(policy, clock))


def _moments(policy: Policy, clock: Clock, *, after: int = 0) -> Iterator[tuple[int, datetime]]:
    """The moments of the alerts above that level, each computed only when it is asked for."""
    calendar = policy.calendar(clock.calendar)
    for level, seconds in enumerate(_ahead(policy, clock), start=1):
        if level > after:
            yield level, back(calendar, clock.due_at, seconds)
    if after < BREACH:
        yield BREACH, clock.due_at


def _ahead(policy: Policy, clock: Clock) -> list[int]:
    """How much open time is left at each warning, the earliest warning first."""
    found = (
        warning.seconds if isinstance(warning, Duration) else round(clock.total_s * (1 - warning))
        for warning in policy.warn_at
    )
    return sorted({seconds for seconds in found if seconds < clock.total_s}, reverse=True)


def _armed(policy: Policy, clock: Clock) -> Clock:
    """The clock with the moment of its next alert; None once the breach is told."""
    ahead = (moment for _, moment in _moments(policy, clock, after=clock.level))
    return replace(clock, next_alert_at=next(ahead, None))
