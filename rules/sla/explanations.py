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
from rules.calendars.calendars import Calendar, due, measure
from rules.calendars.daily_breakdown import Days, Shift, days_of, next_day_off, working_days
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy
from rules.model.timers import Clock, ClockState, Turn, Turned
from rules.sla.timers import left_of

CLOSING = (Turned.MET, Turned.BREACHED, Turned.CANCELLED)


@dataclass(frozen=True, slots=True)
class Untold:
    """Time that counted by hours that are not known any more; None where the sum is not known either."""

    begins: datetime
    ends: datetime
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still; None while it still does."""

    at: datetime
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Over:
    """Open time behind the due time; `counts` where a new promise took it as used. `since` is None where not known."""

    since: datetime | None
    until: datetime
    seconds: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Another promise counts from here on, less what was used of the one before."""

    at: datetime
    promise: str
    calendar: str
    was: str
    was_in: str
    used_s: int
    left_s: int
    why: str


@dataclass(frozen=True, slots=True)
class More:
    """Time was given on top; `forgiven_s` of what had counted counts no more."""

    at: datetime
    seconds: int
    left_s: int
    why: str
    forgiven_s: int = 0


@dataclass(frozen=True, slots=True)
class Again:
    """The ticket was reopened, with so much time left."""

    at: datetime
    left_s: int


Line = Days | Shift | Untold | Pause | Over | Move | More | Again


@dataclass(frozen=True, slots=True)
class Explanation:
    """The clock and its lines in order of time. `promise` and `calendar` are those it began with, worth `promised_s`.

    `left_s` is what is left now, or was when it ended, below zero when late. `in_days` tells that the lines number the
    working days of the promise, up to its due time.
    """

    clock: Clock
    promise: str
    calendar: str
    promised_s: int
    lines: tuple[Line, ...]
    left_s: int
    zone: str
    in_days: bool = False
    same_time: bool = True
    day_off: tuple[date, str] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all that counted is told, so that it sums up."""
        return not any(isinstance(line, Untold) and line.seconds is None for line in self.lines)

    @property
    def counted_s(self) -> int:
        """The sum of the lines: what a closed or paused clock used, all that is promised of a running one; and more
        where it was overdue when its promise moved."""
        return sum(_counted(line) for line in self.lines)


def explain(policy: Policy, clock: Clock, now: datetime) -> Explanation:
    """Why that clock is due when it is, as things are now."""
    first = _first_part(policy, clock)
    calendar = policy.calendar(first.calendar)
    in_days = _is_in_days(clock, first)
    days = parse_duration(clock.promise).days if in_days else 0
    return Explanation(
        clock,
        first.promise,
        first.calendar,
        first.total_s,
        tuple(_days(calendar, clock, first, days) if in_days else _story(policy, clock, first)),
        _left(policy, clock, now),
        policy.calendar(clock.calendar).timezone,
        in_days=in_days,
        same_time=not in_days or daily_breakdown.keeps_time_of_day(calendar, clock.started_at, days),
        day_off=next_day_off(policy.calendar(clock.calendar), now),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """The time between two turns, with how things stood when it began; `turn` is what ends it."""

    begins: datetime
    ends: datetime
    due_at: datetime
    promise: str
    calendar: str
    total_s: int
    left_s: int
    used_s: int = 0
    runs: bool = True
    known: bool = True
    turn: Turn | None = None

    @property
    def left_at_end_s(self) -> int:
        """What was left just before the turn; of a running clock nothing is left at its due time."""
        if self.turn is None:
            return 0
        if self.turn.did is Turned.MOVED:
            return self.turn.was_s - self.turn.used_s
        return self.turn.left_s - self.turn.granted_s

    @property
    def spent_s(self) -> int:
        """What counted in it towards the due time."""
        return max(self.left_s, 0) - max(self.left_at_end_s, 0) if self.runs else 0


def _first_part(policy: Policy, clock: Clock) -> _Part:
    """How it began: before a promise moved, the turn that moved it knows what it was."""
    move = next((turn for turn in clock.turns if turn.did is Turned.MOVED), None)
    promise, calendar = (clock.promise, clock.calendar) if move is None else (move.was, move.was_in)
    before = clock.turns[: clock.turns.index(move)] if move else clock.turns
    total = (move.was_s if move else clock.total_s) - sum(turn.granted_s for turn in before)
    due_at = _first_due(policy.calendar(calendar), clock, promise)
    return _Part(clock.started_at, clock.started_at, due_at, promise, calendar, total, total)


def _first_due(calendar: Calendar, clock: Clock, promise: str) -> datetime:
    if not clock.turns:
        return clock.due_at
    turn = clock.turns[0]
    if turn.did not in (Turned.MOVED, Turned.EXTENDED):
        return turn.due_at
    return due(calendar, clock.started_at, parse_duration(promise)) if promise else turn.at


def _is_in_days(clock: Clock, first: _Part) -> bool:
    untouched = all(turn.did in CLOSING for turn in clock.turns)
    return untouched and bool(first.promise) and bool(parse_duration(first.promise).days)


def _days(calendar: Calendar, clock: Clock, first: _Part, days: int) -> list[Line]:
    if measure(calendar, clock.started_at, clock.due_at) != first.total_s:
        return [Untold(clock.started_at, clock.due_at, first.total_s)]
    numbers = working_days(calendar, clock.started_at, days)
    return list(days_of(calendar, clock.started_at, clock.due_at, numbers=numbers))


def _story(policy: Policy, clock: Clock, part: _Part) -> Iterator[Line]:
    for index, turn in enumerate(clock.turns):
        known = not any(later.new_hours for later in clock.turns[index:])
        part = replace(part, ends=turn.at, turn=turn, known=known)
        yield from _ran(policy, part)
        yield from _behind(policy, part)
        yield from _happened(clock, part, index)
        part = _after(part, turn)
    if part.runs and clock.state is ClockState.RUNNING:
        yield from _ran(policy, replace(part, ends=clock.due_at, due_at=clock.due_at))


def _ran(policy: Policy, part: _Part) -> list[Line]:
    """The days of a part that ran, up to its due time; only their sum where the hours were others."""
    if not part.runs or (part.turn is None and part.ends <= part.begins):
        return []
    if not part.promise:
        return [Untold(part.begins, part.ends)]
    calendar, until = policy.calendar(part.calendar), min(part.ends, part.due_at)
    if part.known and measure(calendar, part.begins, until) == part.spent_s:
        return list(days_of(calendar, part.begins, until))
    return [Untold(part.begins, part.ends, part.spent_s)] if part.spent_s else []


def _behind(policy: Policy, part: _Part) -> list[Line]:
    """What lay behind the due time when the promise moved or more time was given."""
    turn, since = part.turn, part.due_at if part.known else None
    if turn is None or not part.promise:
        return []
    if turn.did is Turned.MOVED:
        taken = turn.used_s - part.used_s - part.spent_s
        return [Over(since, turn.at, taken, counts=True)] if taken > 0 else []
    if turn.did is not Turned.EXTENDED:
        return []
    calendar = policy.calendar(part.calendar)
    behind = measure(calendar, part.due_at, turn.at) if part.runs and part.known else -part.left_s
    return [Over(since, turn.at, behind, counts=False)] if behind > 0 else []


def _happened(clock: Clock, part: _Part, index: int) -> list[Line]:
    turn = clock.turns[index]
    told: Mapping[Turned, Line] = {
        Turned.PAUSED: Pause(turn.at, _went_on(clock, index), turn.why),
        Turned.MOVED: Move(
            turn.at, turn.promise, turn.calendar, turn.was, turn.was_in, turn.used_s, turn.left_s, turn.why
        ),
        Turned.EXTENDED: More(turn.at, turn.granted_s, turn.left_s, turn.why, _forgiven(part)),
        Turned.REOPENED: Again(turn.at, turn.left_s),
    }
    return [told[turn.did]] if turn.did in told else []


def _went_on(clock: Clock, index: int) -> datetime | None:
    ends = (Turned.RESUMED, *CLOSING)
    return next((turn.at for turn in clock.turns[index:] if turn.did in ends), None)


def _forgiven(part: _Part) -> int:
    """What had counted beyond the promise, when more time was given on top of the promise alone."""
    assert part.turn is not None
    return part.used_s + part.spent_s - (part.total_s + part.turn.granted_s - part.turn.left_s)


def _after(part: _Part, turn: Turn) -> _Part:
    """How things stood after the turn."""
    moved, extended = turn.did is Turned.MOVED, turn.did is Turned.EXTENDED
    total = turn.used_s + turn.left_s if moved else part.total_s + turn.granted_s
    used = total - turn.left_s if moved or extended else part.used_s + part.spent_s
    starts = turn.did in (Turned.RESUMED, Turned.REOPENED)
    return _Part(
        turn.at,
        turn.at,
        turn.due_at,
        turn.promise if moved else part.promise,
        turn.calendar if moved else part.calendar,
        total,
        turn.left_s,
        used,
        runs=starts or (part.runs and (moved or extended)),
    )


def _left(policy: Policy, clock: Clock, now: datetime) -> int:
    if clock.closed_at is None:
        return left_of(policy, clock, now)
    ended = [turn.left_s for turn in clock.turns if turn.did in CLOSING]
    return ended[-1] if ended else left_of(policy, clock, clock.closed_at)


def _counted(line: Line) -> int:
    if isinstance(line, Days):
        return line.seconds
    if isinstance(line, Untold):
        return line.seconds or 0
    if isinstance(line, Over):
        return line.seconds if line.counts else 0
    return -line.forgiven_s if isinstance(line, More) else 0
