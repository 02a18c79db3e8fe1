"""From what the desk remembers to a situation that can be simulated: who will work when, what is to be done, what
history teaches of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rules.calendars.calendars import Calendar, add_business_seconds, business_seconds_between, open_periods
from rules.calendars.timezones import time_zone
from rules.forecasts.forecasts import DEFAULT_RUNS, ForecastInputs, ForecastTask, Worker, WorkPeriod, WorkPeriods
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer
from rules.presence.presence import Leave
from rules.presence.shifts import Shift as Own
from rules.presence.shifts import with_own_shifts
from rules.sla.timers import remaining_seconds
from rules.workload.handling_time import (
    DEFAULT_HANDLING_TIME,
    DEFAULT_RESOLUTION_TIME,
    DurationSample,
    Estimate,
    Estimates,
    WorkInterval,
    learn_estimates,
    measure_handling_times,
)

FORECAST_DAYS = 28  # days that are looked ahead
BUSINESS_TIME_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)  # where every clock of open seconds begins


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """How the ticket stood from `at` on: its state, who had it, and the step that was open then."""

    at: datetime
    status: Status
    assignee: str | None
    step: str = ""


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """One ticket as far as its effort and its pace can be told; `clock` is its promise to resolve."""

    number: int
    type: str
    priority: Priority
    assignee: str | None
    step: str
    created_at: datetime
    resolved_at: datetime | None
    timer: SlaTimer | None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.resolved_at is not None


@dataclass(frozen=True, slots=True)
class TeamEstimates:
    """What history teaches of a team's tickets: the attention they take, and the open time they take in all."""

    handling_time: Estimates
    resolution_time: Estimates
    resolved_count: int

    @classmethod
    def without_history(cls) -> "TeamEstimates":
        """Of a desk without history there is only the belief."""
        return cls(learn_estimates([], DEFAULT_HANDLING_TIME), learn_estimates([], DEFAULT_RESOLUTION_TIME), 0)


def learn_team_estimates(policy: Policy, team: str, tickets: Sequence[TicketHistory], now: datetime) -> TeamEstimates:
    """What these tickets teach, by type and by step; those still open teach that they take at least so long."""
    calendar = policy.team_calendar(team)
    spent = handling_time_so_far(policy, team, tickets, now)
    whole = _total_by_ticket(spent)
    held = [one for one in tickets if one.number in whole]
    efforts = [DurationSample(one.type, whole[one.number], has_ended=one.is_done) for one in held]
    efforts += [spell for one in held for spell in _step_samples(one, spent)]
    paces = [
        DurationSample(one.type, resolution_time_so_far(policy, calendar, one, now), has_ended=one.is_done)
        for one in tickets
    ]
    return TeamEstimates(
        learn_estimates(efforts, DEFAULT_HANDLING_TIME),
        learn_estimates(paces, DEFAULT_RESOLUTION_TIME),
        sum(one.is_done for one in tickets),
    )


def build_forecast_inputs(
    policy: Policy,
    team: str,
    tickets: Sequence[TicketHistory],
    estimates: TeamEstimates,
    now: datetime,
    *,
    gone: frozenset[str] = frozenset(),
    paused_priorities: frozenset[Priority] = frozenset(),
    leaves: Mapping[str, Sequence[Leave]] | None = None,
    own_shifts: Mapping[str, tuple[Own, ...]] | None = None,
    runs: int = DEFAULT_RUNS,
) -> ForecastInputs:
    """The team as it stands: open tickets with what each still takes, and everybody who will work on them.

    `gone` are people whom Slack knows no more, `leaves` the time away that people entered, `own` their own shifts.
    The same moment draws the same chances.
    """
    away, beside = leaves or {}, own_shifts or {}
    people = [who for who in policy.team(team).people if who not in gone]
    calendar = policy.team_calendar(team)
    spent = handling_time_so_far(policy, team, tickets, now)
    whole = _total_by_ticket(spent)
    return ForecastInputs(
        now=_to_seconds(now),
        tasks=tuple(
            _forecast_task(
                policy,
                one,
                estimates,
                spent_s=_spent_on_remaining(policy, one, spent, whole),
                calendar=calendar,
                now=now,
            )
            for one in tickets
        ),
        workers=tuple(
            Worker(who, person_work_periods(policy, who, team, now, away.get(who, ()), own_shifts=beside.get(who, ())))
            for who in people
        ),
        team_hours=team_work_periods(calendar, now),
        paused_priorities=paused_priorities,
        runs=runs,
        seed=_to_seconds(now) // 60,
    )


def person_work_periods(
    policy: Policy,
    person: str,
    team: str,
    now: datetime,
    leaves: Sequence[Leave] = (),
    *,
    own_shifts: tuple[Own, ...] = (),
) -> WorkPeriods:
    """When the person will work for the desk: their hours and shifts without the time away, at their share of time."""
    available = policy.people.get(person, PersonProfile())
    spans = list(_open_spans(with_own_shifts(policy.person_calendar(person, team), own_shifts), now, available))
    for leave in leaves:
        spans = [left for span in spans for left in _subtract_leave(span, leave)]
    return tuple(WorkPeriod(start, end, available.time_share) for start, end in spans if available.time_share > 0)


def team_work_periods(calendar: Calendar, now: datetime) -> WorkPeriods:
    """The open hours of the days ahead, from the day of `now` on."""
    return tuple(WorkPeriod(start, end) for start, end in _open_spans(calendar, now, PersonProfile()))


def handling_time_so_far(
    policy: Policy, team: str, tickets: Iterable[TicketHistory], now: datetime
) -> dict[tuple[int, str], float]:
    """The attention that each ticket got so far, by (number, step), in seconds of its holders' open time."""
    calendar = policy.team_calendar(team)
    return measure_handling_times(hold for one in tickets for hold in _work_intervals(calendar, one, now))


def resolution_time_so_far(policy: Policy, calendar: Calendar, ticket: TicketHistory, now: datetime) -> float:
    """Open seconds from filing on, without those in which its clock stood still, until it was resolved or now."""
    until = ticket.resolved_at or now
    if ticket.timer is None:
        return float(business_seconds_between(calendar, ticket.created_at, until))
    return float(max(ticket.timer.total_s - remaining_seconds(policy, ticket.timer, ticket.timer.closed_at or now), 0))


def remaining_work(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], handling_time: Estimates, now: datetime
) -> dict[int, tuple[Estimate, float]]:
    """By ticket: what it takes from its open step on, or in all, and the attention that was given to that already."""
    spent = handling_time_so_far(policy, team, tickets, now)
    whole = _total_by_ticket(spent)
    return {
        one.number: (
            handling_time.estimate_for_steps(one.type, _remaining_steps(policy, one)),
            _spent_on_remaining(policy, one, spent, whole),
        )
        for one in tickets
    }


def _forecast_task(
    policy: Policy,
    ticket: TicketHistory,
    estimates: TeamEstimates,
    *,
    spent_s: float,
    calendar: Calendar,
    now: datetime,
) -> ForecastTask:
    return ForecastTask(
        number=ticket.number,
        type=ticket.type,
        priority=ticket.priority,
        assignee=ticket.assignee,
        due_at=_due_seconds(policy, ticket, now),
        handling_time=estimates.handling_time.estimate_for_steps(ticket.type, _remaining_steps(policy, ticket)),
        resolution_time=estimates.resolution_time.estimate_for(ticket.type),
        spent_s=spent_s,
        age_s=resolution_time_so_far(policy, calendar, ticket, now),
    )


def _remaining_steps(policy: Policy, ticket: TicketHistory) -> list[str]:
    """The steps that are still to be done, the open one first; none where the type has no steps."""
    steps = [step.key for step in policy.type(ticket.type).steps]
    return steps[steps.index(ticket.step) :] if ticket.step in steps else []


def _spent_on_remaining(
    policy: Policy, ticket: TicketHistory, spent: Mapping[tuple[int, str], float], whole: Mapping[int, float]
) -> float:
    """The attention given to what is still to be done: to the open step, or to a ticket without steps."""
    return (
        spent.get((ticket.number, ticket.step), 0.0)
        if _remaining_steps(policy, ticket)
        else whole.get(ticket.number, 0.0)
    )


def _due_seconds(policy: Policy, ticket: TicketHistory, now: datetime) -> int | None:
    """When it must be done; while its clock stands still, as if it ran on at once."""
    if ticket.timer is None or not ticket.timer.is_open:
        return None
    if ticket.timer.is_running:
        return _to_seconds(ticket.timer.due_at)
    left = ticket.timer.remaining_s or 0
    return (
        _to_seconds(add_business_seconds(policy.calendar(ticket.timer.calendar), now, left))
        if left >= 0
        else _to_seconds(ticket.timer.due_at)
    )


def _total_by_ticket(spent: Mapping[tuple[int, str], float]) -> dict[int, float]:
    """The attention that each ticket got in all its steps."""
    whole: dict[int, float] = defaultdict(float)
    for (number, _), seconds in spent.items():
        whole[number] += seconds
    return dict(whole)


def _step_samples(ticket: TicketHistory, spent: Mapping[tuple[int, str], float]) -> Iterator[DurationSample]:
    """What each step of the ticket took; the one that is open takes at least so long."""
    for step in dict.fromkeys(moment.step for moment in ticket.timeline if moment.step):
        if (ticket.number, step) in spent:
            ended = step != ticket.step or ticket.is_done
            yield DurationSample(ticket.type, spent[ticket.number, step], step, has_ended=ended)


def _work_intervals(
    calendar: Calendar, ticket: TicketHistory, now: datetime
) -> Iterator[WorkInterval[tuple[int, str]]]:
    """Whose hands it was in, and in which step, in open seconds."""
    ends = [moment.at for moment in ticket.timeline[1:]] + [now]
    for moment, end in zip(ticket.timeline, ends, strict=True) if ticket.timeline else ():
        if moment.status is Status.IN_PROGRESS and moment.assignee:
            start_s, end_s = (
                business_seconds_between(calendar, BUSINESS_TIME_EPOCH, moment.at),
                business_seconds_between(calendar, BUSINESS_TIME_EPOCH, end),
            )
            yield WorkInterval(moment.assignee, (ticket.number, moment.step), start_s, end_s)


def _open_spans(calendar: Calendar, now: datetime, profile: PersonProfile) -> Iterator[tuple[int, int]]:
    place = time_zone(calendar.timezone)
    for start, end in open_periods(calendar, now, now + timedelta(days=FORECAST_DAYS)):
        if not profile.is_away_on(start.astimezone(place).date()):
            yield _to_seconds(start), _to_seconds(end)


def _subtract_leave(span: tuple[int, int], leave: Leave) -> Iterator[tuple[int, int]]:
    """What of the span lies before the leave and after it."""
    start, end = span
    before = (start, min(end, _to_seconds(leave.begins)))
    after = (end if leave.ends is None else max(start, _to_seconds(leave.ends)), end)
    yield from (part for part in (before, after) if part[0] < part[1])


def _to_seconds(at: datetime) -> int:
    return int(at.timestamp())
