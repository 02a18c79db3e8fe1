"""From what the desk remembers to a situation that can be simulated: who will work when, what is to be done, what
history teaches of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import Calendar, add, measure, openings
from rules.calendars.timezones import zone
from rules.forecasts.forecasts import RUNS, Shift, Shifts, Situation, Task, Worker
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.model.timers import Clock
from rules.presence.presence import Leave
from rules.presence.shifts import Shift as Own
from rules.presence.shifts import with_own
from rules.sla.timers import left_of
from rules.workload.handling_time import EFFORT, PACE, Estimate, Estimates, Hold, Spell, attention, estimated

AHEAD = 28  # days that are looked ahead
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # where every clock of open seconds begins


@dataclass(frozen=True, slots=True)
class Moment:
    """How the ticket stood from `at` on: its state, who had it, and the step that was open then."""

    at: datetime
    status: Status
    assignee: str | None
    step: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """One ticket as far as its effort and its pace can be told; `clock` is its promise to resolve."""

    number: int
    type: str
    priority: Priority
    assignee: str | None
    step: str
    created_at: datetime
    resolved_at: datetime | None
    clock: Clock | None
    story: tuple[Moment, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.resolved_at is not None


@dataclass(frozen=True, slots=True)
class Learned:
    """What history teaches of a team's tickets: the attention they take, and the open time they take in all."""

    effort: Estimates
    pace: Estimates
    n: int

    @classmethod
    def nothing(cls) -> "Learned":
        """Of a desk without history there is only the belief."""
        return cls(estimated([], EFFORT), estimated([], PACE), 0)


def learned(policy: Policy, team: str, known: Sequence[Known], now: datetime) -> Learned:
    """What these tickets teach, by type and by step; those still open teach that they take at least so long."""
    calendar = policy.calendar_of(team)
    spent = effort_of(policy, team, known, now)
    whole = _whole(spent)
    held = [one for one in known if one.number in whole]
    efforts = [Spell(one.type, whole[one.number], ended=one.is_done) for one in held]
    efforts += [spell for one in held for spell in _steps(one, spent)]
    paces = [Spell(one.type, pace_of(policy, calendar, one, now), ended=one.is_done) for one in known]
    return Learned(estimated(efforts, EFFORT), estimated(paces, PACE), sum(one.is_done for one in known))


def situation(
    policy: Policy,
    team: str,
    known: Sequence[Known],
    history: Learned,
    now: datetime,
    *,
    gone: frozenset[str] = frozenset(),
    paused: frozenset[Priority] = frozenset(),
    leaves: Mapping[str, Sequence[Leave]] | None = None,
    own: Mapping[str, tuple[Own, ...]] | None = None,
    runs: int = RUNS,
) -> Situation:
    """The team as it stands: open tickets with what each still takes, and everybody who will work on them.

    `gone` are people whom Slack knows no more, `leaves` the time away that people entered, `own` their own shifts.
    The same moment draws the same chances.
    """
    away, beside = leaves or {}, own or {}
    people = [who for who in policy.team(team).people if who not in gone]
    calendar = policy.calendar_of(team)
    spent = effort_of(policy, team, known, now)
    whole = _whole(spent)
    return Situation(
        now=_stamp(now),
        tasks=tuple(
            _task(policy, one, history, spent_s=_begun(policy, one, spent, whole), calendar=calendar, now=now)
            for one in known
        ),
        workers=tuple(
            Worker(who, working(policy, who, team, now, away.get(who, ()), own=beside.get(who, ()))) for who in people
        ),
        opening=opening(calendar, now),
        paused=paused,
        runs=runs,
        seed=_stamp(now) // 60,
    )


def working(
    policy: Policy,
    person: str,
    team: str,
    now: datetime,
    leaves: Sequence[Leave] = (),
    *,
    own: tuple[Own, ...] = (),
) -> Shifts:
    """When the person will work for the desk: their hours and shifts without the time away, at their share of time."""
    available = policy.people.get(person, Availability())
    spans = list(_opened(with_own(policy.calendar_for(person, team), own), now, available))
    for leave in leaves:
        spans = [left for span in spans for left in _without(span, leave)]
    return tuple(Shift(start, end, available.share) for start, end in spans if available.share > 0)


def opening(calendar: Calendar, now: datetime) -> Shifts:
    """The open hours of the days ahead, from the day of `now` on."""
    return tuple(Shift(start, end) for start, end in _opened(calendar, now, Availability()))


def effort_of(policy: Policy, team: str, known: Iterable[Known], now: datetime) -> dict[tuple[int, str], float]:
    """The attention that each ticket got so far, by (number, step), in seconds of its holders' open time."""
    calendar = policy.calendar_of(team)
    return attention(hold for one in known for hold in _holds(calendar, one, now))


def pace_of(policy: Policy, calendar: Calendar, one: Known, now: datetime) -> float:
    """Open seconds from filing on, without those in which its clock stood still, until it was resolved or now."""
    until = one.resolved_at or now
    if one.clock is None:
        return float(measure(calendar, one.created_at, until))
    return float(max(one.clock.total_s - left_of(policy, one.clock, one.clock.closed_at or now), 0))


def still_to_do(
    policy: Policy, team: str, known: Sequence[Known], effort: Estimates, now: datetime
) -> dict[int, tuple[Estimate, float]]:
    """By ticket: what it takes from its open step on, or in all, and the attention that was given to that already."""
    spent = effort_of(policy, team, known, now)
    whole = _whole(spent)
    return {
        one.number: (effort.left(one.type, _ahead(policy, one)), _begun(policy, one, spent, whole)) for one in known
    }


def _task(policy: Policy, one: Known, history: Learned, *, spent_s: float, calendar: Calendar, now: datetime) -> Task:
    return Task(
        number=one.number,
        type=one.type,
        priority=one.priority,
        holder=one.assignee,
        due_at=_due(policy, one, now),
        effort=history.effort.left(one.type, _ahead(policy, one)),
        pace=history.pace.of(one.type),
        spent_s=spent_s,
        age_s=pace_of(policy, calendar, one, now),
    )


def _ahead(policy: Policy, one: Known) -> list[str]:
    """The steps that are still to be done, the open one first; none where the type has no steps."""
    steps = [step.key for step in policy.type(one.type).steps]
    return steps[steps.index(one.step) :] if one.step in steps else []


def _begun(policy: Policy, one: Known, spent: Mapping[tuple[int, str], float], whole: Mapping[int, float]) -> float:
    """The attention given to what is still to be done: to the open step, or to a ticket without steps."""
    return spent.get((one.number, one.step), 0.0) if _ahead(policy, one) else whole.get(one.number, 0.0)


def _due(policy: Policy, one: Known, now: datetime) -> int | None:
    """When it must be done; while its clock stands still, as if it ran on at once."""
    if one.clock is None or not one.clock.is_open:
        return None
    if one.clock.runs:
        return _stamp(one.clock.due_at)
    left = one.clock.remaining_s or 0
    return _stamp(add(policy.calendar(one.clock.calendar), now, left)) if left >= 0 else _stamp(one.clock.due_at)


def _whole(spent: Mapping[tuple[int, str], float]) -> dict[int, float]:
    """The attention that each ticket got in all its steps."""
    whole: dict[int, float] = defaultdict(float)
    for (number, _), seconds in spent.items():
        whole[number] += seconds
    return dict(whole)


def _steps(one: Known, spent: Mapping[tuple[int, str], float]) -> Iterator[Spell]:
    """What each step of the ticket took; the one that is open takes at least so long."""
    for step in dict.fromkeys(moment.step for moment in one.story if moment.step):
        if (one.number, step) in spent:
            ended = step != one.step or one.is_done
            yield Spell(one.type, spent[one.number, step], step, ended=ended)


def _holds(calendar: Calendar, one: Known, now: datetime) -> Iterator[Hold[tuple[int, str]]]:
    """Whose hands it was in, and in which step, in open seconds."""
    ends = [moment.at for moment in one.story[1:]] + [now]
    for moment, end in zip(one.story, ends, strict=True) if one.story else ():
        if moment.status is Status.IN_PROGRESS and moment.assignee:
            start_s, end_s = measure(calendar, EPOCH, moment.at), measure(calendar, EPOCH, end)
            yield Hold(moment.assignee, (one.number, moment.step), start_s, end_s)


def _opened(calendar: Calendar, now: datetime, available: Availability) -> Iterator[tuple[int, int]]:
    place = zone(calendar.timezone)
    for start, end in openings(calendar, now, now + timedelta(days=AHEAD)):
        if not available.is_away(start.astimezone(place).date()):
            yield _stamp(start), _stamp(end)


def _without(span: tuple[int, int], leave: Leave) -> Iterator[tuple[int, int]]:
    """What of the span lies before the leave and after it."""
    start, end = span
    before = (start, min(end, _stamp(leave.begins)))
    after = (end if leave.ends is None else max(start, _stamp(leave.ends)), end)
    yield from (part for part in (before, after) if part[0] < part[1])


def _stamp(at: datetime) -> int:
    return int(at.timestamp())
