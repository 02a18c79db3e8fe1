"""Why a timer is due when it is, as arithmetic: the target, what counted day by day, pauses and changes.

1. The timer's life is cut at its events: in each part one target counts by one calendar, or nothing counts. 2. A part
that ran lists its business time day by day, up to the due time of then. Time behind the due time counts as used where
the target changes, and is forgiven where time is granted. 3. Each part must agree with the remaining time stored before
and after it. Where the calendar of today counts otherwise, the opening hours were others then, and only the sum is
shown. 4. A target in days without events is explained in days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate, pairwise

from rules.calendars.calendars import Calendar, business_seconds_between, due_time, keeps_time_of_day
from rules.calendars.daily_breakdown import ClockChange, DayRun, break_down_by_day, next_day_off, number_working_days
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy
from rules.model.timers import SlaTimer, TimerEvent, TimerEventKind, TimerState
from rules.sla.timers import remaining_seconds
from rules.text import Text

CLOSING_EVENTS = (TimerEventKind.MET, TimerEventKind.BREACHED, TimerEventKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class UnknownHours:
    """Time counted by opening hours that are no longer known; `seconds` is None where the sum is not known either."""

    begins: datetime
    ends: datetime
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TimerPause:
    """The timer was paused; `until` is None while it still is."""

    at: datetime
    until: datetime | None
    reason: Text | str


@dataclass(frozen=True, slots=True)
class OverdueTime:
    """Business time behind the due time; a changed target may count it as used. `since` is None if unknown."""

    since: datetime | None
    until: datetime
    seconds: int
    counts_as_used: bool


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Another target counts from here on, less what was used of the one before."""

    at: datetime
    duration_text: str
    calendar: str
    previous_duration_text: str
    previous_calendar: str
    used_s: int
    left_s: int
    reason: Text | str


@dataclass(frozen=True, slots=True)
class GrantedTime:
    """Time was granted; `forgiven_s` of what had counted does not count any more."""

    at: datetime
    seconds: int
    left_s: int
    reason: Text | str
    forgiven_s: int = 0


@dataclass(frozen=True, slots=True)
class TimerReopening:
    """The ticket was reopened with `left_s` of its time remaining."""

    at: datetime
    left_s: int


ExplanationLine = (
    DayRun | ClockChange | UnknownHours | TimerPause | OverdueTime | TargetChange | GrantedTime | TimerReopening
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The timer and its lines in order of time, from the target it began with (`target_s` seconds).

    `left_s` is what remains now, or remained when it ended, below zero when late. With `in_days` the lines number the
    working days of the target, up to its due time.
    """

    timer: SlaTimer
    duration_text: str
    calendar: str
    target_s: int
    lines: tuple[ExplanationLine, ...]
    left_s: int
    zone: str
    in_days: bool = False
    keeps_time_of_day: bool = True
    next_day_off: tuple[date, str] | None = None

    @property
    def is_complete(self) -> bool:
        return not any(isinstance(line, UnknownHours) and line.seconds is None for line in self.lines)

    @property
    def counted_s(self) -> int:
        """The sum of the lines: what a closed or paused timer used, the whole target of a running one, and more where
        it was overdue when its target changed."""
        return sum(_counted_seconds(line) for line in self.lines)

    @property
    def line_minutes(self) -> tuple[int, ...]:
        """What each line counted in whole minutes of the clock, so that they add up whatever the seconds are."""
        ends = map(self.minutes_until, accumulate(map(_counted_seconds, self.lines), initial=0))
        return tuple(after - before for before, after in pairwise(ends))

    def minutes_until(self, counted_s: int) -> int:
        """The minutes that the clock has shown change since the timer started, after so many counted seconds."""
        return (self.timer.started_at.second + counted_s) // 60


def explain_timer(policy: Policy, timer: SlaTimer, now: datetime) -> Explanation:
    first = _first_part(policy, timer)
    calendar = policy.calendar(first.calendar)
    in_days = _is_in_days(timer, first)
    days = parse_duration(timer.duration_text).days if in_days else 0
    return Explanation(
        timer,
        first.duration_text,
        first.calendar,
        first.total_s,
        tuple(_working_day_lines(calendar, timer, first, days) if in_days else _timeline(policy, timer, first)),
        _remaining_s(policy, timer, now),
        policy.calendar(timer.calendar).timezone,
        in_days=in_days,
        keeps_time_of_day=not in_days or keeps_time_of_day(calendar, timer.started_at, days),
        next_day_off=next_day_off(policy.calendar(timer.calendar), now),
    )


@dataclass(frozen=True, slots=True)
class _TimerPart:
    """The time between two events, with the timer's values at its beginning; `event` ends it."""

    begins: datetime
    ends: datetime
    due_at: datetime
    duration_text: str
    calendar: str
    total_s: int
    left_s: int
    used_s: int = 0
    is_running: bool = True
    hours_known: bool = True
    event: TimerEvent | None = None

    @property
    def left_at_end_s(self) -> int:
        """What was left just before the event; a running timer has nothing left at its due time."""
        if self.event is None:
            return 0
        if self.event.kind is TimerEventKind.MOVED:
            return self.event.previous_total_s - self.event.used_s
        return self.event.left_s - self.event.granted_s

    @property
    def spent_s(self) -> int:
        return max(self.left_s, 0) - max(self.left_at_end_s, 0) if self.is_running else 0


def _first_part(policy: Policy, timer: SlaTimer) -> _TimerPart:
    """How the timer began; the first change of target knows what the target was before."""
    move = next((event for event in timer.events if event.kind is TimerEventKind.MOVED), None)
    duration_text, calendar = (
        (timer.duration_text, timer.calendar) if move is None else (move.previous_duration_text, move.previous_calendar)
    )
    before = timer.events[: timer.events.index(move)] if move else timer.events
    total = (move.previous_total_s if move else timer.total_s) - sum(event.granted_s for event in before)
    due_at = _first_due(policy.calendar(calendar), timer, duration_text)
    return _TimerPart(timer.started_at, timer.started_at, due_at, duration_text, calendar, total, total)


def _first_due(calendar: Calendar, timer: SlaTimer, duration_text: str) -> datetime:
    if not timer.events:
        return timer.due_at
    event = timer.events[0]
    if event.kind not in (TimerEventKind.MOVED, TimerEventKind.EXTENDED):
        return event.due_at
    return due_time(calendar, timer.started_at, parse_duration(duration_text)) if duration_text else event.at


def _is_in_days(timer: SlaTimer, first: _TimerPart) -> bool:
    untouched = all(event.kind in CLOSING_EVENTS for event in timer.events)
    return untouched and bool(first.duration_text) and bool(parse_duration(first.duration_text).days)


def _working_day_lines(calendar: Calendar, timer: SlaTimer, first: _TimerPart, days: int) -> list[ExplanationLine]:
    if business_seconds_between(calendar, timer.started_at, timer.due_at) != first.total_s:
        return [UnknownHours(timer.started_at, timer.due_at, first.total_s)]
    numbers = number_working_days(calendar, timer.started_at, days)
    return list(break_down_by_day(calendar, timer.started_at, timer.due_at, working_day_numbers=numbers))


def _timeline(policy: Policy, timer: SlaTimer, part: _TimerPart) -> Iterator[ExplanationLine]:
    for index, event in enumerate(timer.events):
        hours_known = not any(later.hours_changed for later in timer.events[index:])
        part = replace(part, ends=event.at, event=event, hours_known=hours_known)
        yield from _running_lines(policy, part)
        yield from _overdue_lines(policy, part)
        yield from _event_lines(timer, part, index)
        part = _part_after(part, event)
    if part.is_running and timer.state is TimerState.RUNNING:
        yield from _running_lines(policy, replace(part, ends=timer.due_at, due_at=timer.due_at))


def _running_lines(policy: Policy, part: _TimerPart) -> list[ExplanationLine]:
    """The days of a part that ran, up to its due time; only their sum where the opening hours were others."""
    if not part.is_running or (part.event is None and part.ends <= part.begins):
        return []
    if not part.duration_text:
        return [UnknownHours(part.begins, part.ends)]
    calendar, until = policy.calendar(part.calendar), min(part.ends, part.due_at)
    if part.hours_known and business_seconds_between(calendar, part.begins, until) == part.spent_s:
        return list(break_down_by_day(calendar, part.begins, until))
    return [UnknownHours(part.begins, part.ends, part.spent_s)] if part.spent_s else []


def _overdue_lines(policy: Policy, part: _TimerPart) -> list[ExplanationLine]:
    event, since = part.event, part.due_at if part.hours_known else None
    if event is None or not part.duration_text:
        return []
    if event.kind is TimerEventKind.MOVED:
        used_s = event.used_s - part.used_s - part.spent_s
        return [OverdueTime(since, event.at, used_s, counts_as_used=True)] if used_s > 0 else []
    if event.kind is not TimerEventKind.EXTENDED:
        return []
    calendar, is_counted = policy.calendar(part.calendar), part.is_running and part.hours_known
    overdue_s = business_seconds_between(calendar, part.due_at, event.at) if is_counted else -part.left_s
    return [OverdueTime(since, event.at, overdue_s, counts_as_used=False)] if overdue_s > 0 else []


def _event_lines(timer: SlaTimer, part: _TimerPart, index: int) -> list[ExplanationLine]:
    event = timer.events[index]
    lines: Mapping[TimerEventKind, ExplanationLine] = {
        TimerEventKind.PAUSED: TimerPause(event.at, _resumed_at(timer, index), event.reason),
        TimerEventKind.MOVED: TargetChange(
            event.at,
            event.duration_text,
            event.calendar,
            event.previous_duration_text,
            event.previous_calendar,
            event.used_s,
            event.left_s,
            event.reason,
        ),
        TimerEventKind.EXTENDED: GrantedTime(
            event.at, event.granted_s, event.left_s, event.reason, _forgiven_seconds(part)
        ),
        TimerEventKind.REOPENED: TimerReopening(event.at, event.left_s),
    }
    return [lines[event.kind]] if event.kind in lines else []


def _resumed_at(timer: SlaTimer, index: int) -> datetime | None:
    ends = (TimerEventKind.RESUMED, *CLOSING_EVENTS)
    return next((event.at for event in timer.events[index:] if event.kind in ends), None)


def _forgiven_seconds(part: _TimerPart) -> int:
    """What had counted beyond the target when the granted time was added to the target alone."""
    assert part.event is not None
    return part.used_s + part.spent_s - (part.total_s + part.event.granted_s - part.event.left_s)


def _part_after(part: _TimerPart, event: TimerEvent) -> _TimerPart:
    moved, extended = event.kind is TimerEventKind.MOVED, event.kind is TimerEventKind.EXTENDED
    total = event.used_s + event.left_s if moved else part.total_s + event.granted_s
    used = total - event.left_s if moved or extended else part.used_s + part.spent_s
    starts = event.kind in (TimerEventKind.RESUMED, TimerEventKind.REOPENED)
    return _TimerPart(
        event.at,
        event.at,
        event.due_at,
        event.duration_text if moved else part.duration_text,
        event.calendar if moved else part.calendar,
        total,
        event.left_s,
        used,
        is_running=starts or (part.is_running and (moved or extended)),
    )


def _remaining_s(policy: Policy, timer: SlaTimer, now: datetime) -> int:
    if timer.closed_at is None:
        return remaining_seconds(policy, timer, now)
    ended = [event.left_s for event in timer.events if event.kind in CLOSING_EVENTS]
    return ended[-1] if ended else remaining_seconds(policy, timer, timer.closed_at)


def _counted_seconds(line: ExplanationLine) -> int:
    if isinstance(line, DayRun):
        return line.seconds
    if isinstance(line, UnknownHours):
        return line.seconds or 0
    if isinstance(line, OverdueTime):
        return line.seconds if line.counts_as_used else 0
    return -line.forgiven_s if isinstance(line, GrantedTime) else 0
