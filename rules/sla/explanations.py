"""Why a clock is due when it is, as arithmetic: what was promised, what counted day by day, what stood still, moved.

1. The life of the clock is cut at its turns: in each part one promise by one calendar counts, or nothing does.
2. A part that ran tells its open time day by day, up to the due time of then. Time behind that is over: where the
   promise moves it counts as used, where more time is given it is not held against anybody.
3. Each part is held against what was left before and after it, as kept. Where the calendar of now counts otherwise,
   the hours were others then: only the sum is told.
4. A promise in days to which nothing happened is told in days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from rules.calendars import daily_breakdown
from rules.calendars.calendars import Calendar, business_seconds_between, due_time
from rules.calendars.daily_breakdown import ClockChange, DayRun, break_down_by_day, next_day_off, number_working_days
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy
from rules.model.timers import SlaTimer, TimerEvent, TimerEventKind, TimerState
from rules.sla.timers import remaining_seconds

CLOSING_EVENTS = (TimerEventKind.MET, TimerEventKind.BREACHED, TimerEventKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class UnknownHours:
    """Time that counted by hours that are not known any more; None where the sum is not known either."""

    begins: datetime
    ends: datetime
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TimerPause:
    """The clock stood still; None while it still does."""

    at: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class OverdueTime:
    """Open time behind the due time; `counts` where a new promise took it as used. `since` is None where not known."""

    since: datetime | None
    until: datetime
    seconds: int
    counts_as_used: bool


@dataclass(frozen=True, slots=True)
class TargetChange:
    """Another promise counts from here on, less what was used of the one before."""

    at: datetime
    duration_text: str
    calendar: str
    previous_duration_text: str
    previous_calendar: str
    used_s: int
    left_s: int
    reason: str


@dataclass(frozen=True, slots=True)
class GrantedTime:
    """Time was given on top; `forgiven_s` of what had counted counts no more."""

    at: datetime
    seconds: int
    left_s: int
    reason: str
    forgiven_s: int = 0


@dataclass(frozen=True, slots=True)
class TimerReopening:
    """The ticket was reopened, with so much time left."""

    at: datetime
    left_s: int


ExplanationLine = (
    DayRun | ClockChange | UnknownHours | TimerPause | OverdueTime | TargetChange | GrantedTime | TimerReopening
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The clock and its lines in order of time. `promise` and `calendar` are those it began with, worth `promised_s`.

    `left_s` is what is left now, or was when it ended, below zero when late. `in_days` tells that the lines number the
    working days of the promise, up to its due time.
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
        """Whether all that counted is told, so that it sums up."""
        return not any(isinstance(line, UnknownHours) and line.seconds is None for line in self.lines)

    @property
    def counted_s(self) -> int:
        """The sum of the lines: what a closed or paused clock used, all that is promised of a running one; and more
        where it was overdue when its promise moved."""
        return sum(_counted_seconds(line) for line in self.lines)


def explain_timer(policy: Policy, timer: SlaTimer, now: datetime) -> Explanation:
    """Why that clock is due when it is, as things are now."""
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
        keeps_time_of_day=not in_days or daily_breakdown.keeps_time_of_day(calendar, timer.started_at, days),
        next_day_off=next_day_off(policy.calendar(timer.calendar), now),
    )


@dataclass(frozen=True, slots=True)
class _TimerPart:
    """The time between two turns, with how things stood when it began; `turn` is what ends it."""

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
        """What was left just before the turn; of a running clock nothing is left at its due time."""
        if self.event is None:
            return 0
        if self.event.kind is TimerEventKind.MOVED:
            return self.event.previous_total_s - self.event.used_s
        return self.event.left_s - self.event.granted_s

    @property
    def spent_s(self) -> int:
        """What counted in it towards the due time."""
        return max(self.left_s, 0) - max(self.left_at_end_s, 0) if self.is_running else 0


def _first_part(policy: Policy, timer: SlaTimer) -> _TimerPart:
    """How it began: before a promise moved, the turn that moved it knows what it was."""
    move = next((turn for turn in timer.events if turn.kind is TimerEventKind.MOVED), None)
    promise, calendar = (
        (timer.duration_text, timer.calendar) if move is None else (move.previous_duration_text, move.previous_calendar)
    )
    before = timer.events[: timer.events.index(move)] if move else timer.events
    total = (move.previous_total_s if move else timer.total_s) - sum(turn.granted_s for turn in before)
    due_at = _first_due(policy.calendar(calendar), timer, promise)
    return _TimerPart(timer.started_at, timer.started_at, due_at, promise, calendar, total, total)


def _first_due(calendar: Calendar, timer: SlaTimer, duration_text: str) -> datetime:
    if not timer.events:
        return timer.due_at
    turn = timer.events[0]
    if turn.kind not in (TimerEventKind.MOVED, TimerEventKind.EXTENDED):
        return turn.due_at
    return due_time(calendar, timer.started_at, parse_duration(duration_text)) if duration_text else turn.at


def _is_in_days(timer: SlaTimer, first: _TimerPart) -> bool:
    untouched = all(turn.kind in CLOSING_EVENTS for turn in timer.events)
    return untouched and bool(first.duration_text) and bool(parse_duration(first.duration_text).days)


def _working_day_lines(calendar: Calendar, timer: SlaTimer, first: _TimerPart, days: int) -> list[ExplanationLine]:
    if business_seconds_between(calendar, timer.started_at, timer.due_at) != first.total_s:
        return [UnknownHours(timer.started_at, timer.due_at, first.total_s)]
    numbers = number_working_days(calendar, timer.started_at, days)
    return list(break_down_by_day(calendar, timer.started_at, timer.due_at, working_day_numbers=numbers))


def _timeline(policy: Policy, timer: SlaTimer, part: _TimerPart) -> Iterator[ExplanationLine]:
    for index, turn in enumerate(timer.events):
        known = not any(later.hours_changed for later in timer.events[index:])
        part = replace(part, ends=turn.at, event=turn, hours_known=known)
        yield from _running_lines(policy, part)
        yield from _overdue_lines(policy, part)
        yield from _event_lines(timer, part, index)
        part = _part_after(part, turn)
    if part.is_running and timer.state is TimerState.RUNNING:
        yield from _running_lines(policy, replace(part, ends=timer.due_at, due_at=timer.due_at))


def _running_lines(policy: Policy, part: _TimerPart) -> list[ExplanationLine]:
    """The days of a part that ran, up to its due time; only their sum where the hours were others."""
    if not part.is_running or (part.event is None and part.ends <= part.begins):
        return []
    if not part.duration_text:
        return [UnknownHours(part.begins, part.ends)]
    calendar, until = policy.calendar(part.calendar), min(part.ends, part.due_at)
    if part.hours_known and business_seconds_between(calendar, part.begins, until) == part.spent_s:
        return list(break_down_by_day(calendar, part.begins, until))
    return [UnknownHours(part.begins, part.ends, part.spent_s)] if part.spent_s else []


def _overdue_lines(policy: Policy, part: _TimerPart) -> list[ExplanationLine]:
    """What lay behind the due time when the promise moved or more time was given."""
    turn, since = part.event, part.due_at if part.hours_known else None
    if turn is None or not part.duration_text:
        return []
    if turn.kind is TimerEventKind.MOVED:
        taken = turn.used_s - part.used_s - part.spent_s
        return [OverdueTime(since, turn.at, taken, counts_as_used=True)] if taken > 0 else []
    if turn.kind is not TimerEventKind.EXTENDED:
        return []
    calendar = policy.calendar(part.calendar)
    behind = (
        business_seconds_between(calendar, part.due_at, turn.at)
        if part.is_running and part.hours_known
        else -part.left_s
    )
    return [OverdueTime(since, turn.at, behind, counts_as_used=False)] if behind > 0 else []


def _event_lines(timer: SlaTimer, part: _TimerPart, index: int) -> list[ExplanationLine]:
    turn = timer.events[index]
    told: Mapping[TimerEventKind, ExplanationLine] = {
        TimerEventKind.PAUSED: TimerPause(turn.at, _resumed_at(timer, index), turn.reason),
        TimerEventKind.MOVED: TargetChange(
            turn.at,
            turn.duration_text,
            turn.calendar,
            turn.previous_duration_text,
            turn.previous_calendar,
            turn.used_s,
            turn.left_s,
            turn.reason,
        ),
        TimerEventKind.EXTENDED: GrantedTime(
            turn.at, turn.granted_s, turn.left_s, turn.reason, _forgiven_seconds(part)
        ),
        TimerEventKind.REOPENED: TimerReopening(turn.at, turn.left_s),
    }
    return [told[turn.kind]] if turn.kind in told else []


def _resumed_at(timer: SlaTimer, index: int) -> datetime | None:
    ends = (TimerEventKind.RESUMED, *CLOSING_EVENTS)
    return next((turn.at for turn in timer.events[index:] if turn.kind in ends), None)


def _forgiven_seconds(part: _TimerPart) -> int:
    """What had counted beyond the promise, when more time was given on top of the promise alone."""
    assert part.event is not None
    return part.used_s + part.spent_s - (part.total_s + part.event.granted_s - part.event.left_s)


def _part_after(part: _TimerPart, event: TimerEvent) -> _TimerPart:
    """How things stood after the turn."""
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
    ended = [turn.left_s for turn in timer.events if turn.kind in CLOSING_EVENTS]
    return ended[-1] if ended else remaining_seconds(policy, timer, timer.closed_at)


def _counted_seconds(line: ExplanationLine) -> int:
    if isinstance(line, DayRun):
        return line.seconds
    if isinstance(line, UnknownHours):
        return line.seconds or 0
    if isinstance(line, OverdueTime):
        return line.seconds if line.counts_as_used else 0
    return -line.forgiven_s if isinstance(line, GrantedTime) else 0
