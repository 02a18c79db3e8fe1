"""Forecast inputs from the desk's history: who will work when, the remaining work, and the estimates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.calendars.calendars import (
    Calendar,
    add_business_seconds,
    business_reading,
    business_seconds_between,
    open_periods,
)
from rules.calendars.timezones import local_date
from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod, WorkPeriods
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Priority, Status
from rules.model.timers import SlaTimer
from rules.presence.presence import Leave
from rules.presence.shifts import Shifts, with_own_shifts
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

FORECAST_DAYS = 28  # days

StepKey = tuple[int, str]  # a ticket's number and the step, "" outside of steps


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """The ticket's status, assignee and open step from `at` on."""

    at: datetime
    status: Status
    assignee: str | None
    step: str = ""


@dataclass(frozen=True, slots=True)
class TicketHistory:
    """One ticket as far as its handling and resolution time need it; `timer` measures its resolution target."""

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
    """A team's estimates of handling time (a person's time) and resolution time (business time from filing on)."""

    handling_time: Estimates
    resolution_time: Estimates
    resolved_count: int

    @classmethod
    def without_history(cls) -> "TeamEstimates":
        return cls(learn_estimates([], DEFAULT_HANDLING_TIME), learn_estimates([], DEFAULT_RESOLUTION_TIME), 0)


def learn_team_estimates(policy: Policy, team: str, tickets: Sequence[TicketHistory], now: datetime) -> TeamEstimates:
    """Estimates by type and by step; open tickets count as lower bounds."""
    calendar = policy.team_calendar(team)
    spent = handling_time_so_far(policy, team, tickets, now)
    total_s = total_by_ticket(spent)
    handled = [ticket for ticket in tickets if ticket.number in total_s]
    efforts = [DurationSample(ticket.type, total_s[ticket.number], has_ended=ticket.is_done) for ticket in handled]
    efforts += [sample for ticket in handled for sample in _step_samples(ticket, spent)]
    paces = [
        DurationSample(ticket.type, resolution_time_so_far(policy, calendar, ticket, now), has_ended=ticket.is_done)
        for ticket in tickets
    ]
    handling_time = learn_estimates(efforts, DEFAULT_HANDLING_TIME)
    resolution_time = learn_estimates(paces, DEFAULT_RESOLUTION_TIME)
    return TeamEstimates(handling_time, resolution_time, sum(ticket.is_done for ticket in tickets))


@dataclass(frozen=True, slots=True)
class TeamAvailability:
    """Who of a team has left Slack, and the leave and the shifts that people entered themselves."""

    gone: frozenset[str] = frozenset()
    leaves: Mapping[str, Sequence[Leave]] = field(default_factory=dict)
    own_shifts: Mapping[str, Shifts] = field(default_factory=dict)


def build_forecast_inputs(
    policy: Policy,
    team: str,
    tickets: Sequence[TicketHistory],
    estimates: TeamEstimates,
    now: datetime,
    *,
    availability: TeamAvailability,
    paused_priorities: frozenset[Priority] = frozenset(),
) -> ForecastInputs:
    """The team's open tickets with their remaining work, and everyone who will work on them.

    The same minute draws the same random numbers.
    """
    calendar = policy.team_calendar(team)
    work = remaining_work(policy, team, tickets, estimates.handling_time, now)
    tasks = [
        ForecastTask(
            number=ticket.number,
            type=ticket.type,
            priority=ticket.priority,
            assignee=ticket.assignee,
            due_at=_due_seconds(policy, ticket, now),
            handling_time=work[ticket.number][0],
            resolution_time=estimates.resolution_time.estimate_for(ticket.type),
            spent_s=work[ticket.number][1],
            age_s=resolution_time_so_far(policy, calendar, ticket, now),
        )
        for ticket in tickets
    ]
    workers = []
    for person in policy.team(team).people:
        if person not in availability.gone:
            leaves, shifts = availability.leaves.get(person, ()), availability.own_shifts.get(person, ())
            workers.append(Worker(person, person_work_periods(policy, person, team, now, leaves, own_shifts=shifts)))
    return ForecastInputs(
        now=_to_seconds(now),
        tasks=tuple(tasks),
        workers=tuple(workers),
        team_hours=team_work_periods(calendar, now),
        paused_priorities=paused_priorities,
        seed=_to_seconds(now) // 60,
    )


def person_work_periods(
    policy: Policy, person: str, team: str, now: datetime, leaves: Sequence[Leave] = (), *, own_shifts: Shifts = ()
) -> WorkPeriods:
    profile = policy.profile(person)
    spans = list(_open_spans(with_own_shifts(policy.person_calendar(person, team), own_shifts), now, profile))
    for leave in leaves:
        spans = [left for span in spans for left in _subtract_leave(span, leave)]
    return tuple(WorkPeriod(start, end, profile.time_share) for start, end in spans if profile.time_share > 0)


def team_work_periods(calendar: Calendar, now: datetime) -> WorkPeriods:
    return tuple(WorkPeriod(start, end) for start, end in _open_spans(calendar, now, PersonProfile()))


def handling_time_so_far(
    policy: Policy, team: str, tickets: Iterable[TicketHistory], now: datetime
) -> dict[StepKey, float]:
    """In seconds of the assignees' business time."""
    calendar = policy.team_calendar(team)
    return measure_handling_times(
        hold for ticket in tickets for hold in work_intervals(calendar, ticket.number, ticket.timeline, now)
    )


def resolution_time_so_far(policy: Policy, calendar: Calendar, ticket: TicketHistory, now: datetime) -> float:
    """Business seconds from filing to resolution or now, without the time its timer was paused."""
    until = ticket.resolved_at or now
    if ticket.timer is None:
        return float(business_seconds_between(calendar, ticket.created_at, until))
    return float(max(ticket.timer.total_s - remaining_seconds(policy, ticket.timer, ticket.timer.closed_at or now), 0))


def remaining_work(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], handling_time: Estimates, now: datetime
) -> dict[int, tuple[Estimate, float]]:
    """By ticket: the estimate from its open step on, or of the whole ticket, and the time spent on that so far."""
    spent = handling_time_so_far(policy, team, tickets, now)
    total_s, work = total_by_ticket(spent), {}
    for ticket in tickets:
        steps = remaining_steps(policy, ticket.type, ticket.step)
        spent_s = spent.get((ticket.number, ticket.step), 0.0) if steps else total_s.get(ticket.number, 0.0)
        work[ticket.number] = handling_time.estimate_for_steps(ticket.type, steps), spent_s
    return work


def remaining_steps(policy: Policy, type_key: str, step: str | None) -> list[str]:
    """From the open step on; none where the type has no such step."""
    steps = [one.key for one in policy.type(type_key).steps]
    return steps[steps.index(step) :] if step in steps else []


def _due_seconds(policy: Policy, ticket: TicketHistory, now: datetime) -> int | None:
    """The due time; a paused timer counts as if it resumed now."""
    timer = ticket.timer
    if timer is None or not timer.is_open:
        return None
    left = timer.remaining_s or 0
    if timer.is_running or left < 0:
        return _to_seconds(timer.due_at)
    return _to_seconds(add_business_seconds(policy.calendar(timer.calendar), now, left))


def total_by_ticket(spent: Mapping[StepKey, float]) -> dict[int, float]:
    whole: dict[int, float] = defaultdict(float)
    for (number, _), seconds in spent.items():
        whole[number] += seconds
    return dict(whole)


def _step_samples(ticket: TicketHistory, spent: Mapping[StepKey, float]) -> Iterator[DurationSample]:
    for step in dict.fromkeys(moment.step for moment in ticket.timeline if moment.step):
        if (ticket.number, step) in spent:
            ended = step != ticket.step or ticket.is_done
            yield DurationSample(ticket.type, spent[ticket.number, step], step, has_ended=ended)


def work_intervals(
    calendar: Calendar, number: int, timeline: Sequence[TimelineEntry], now: datetime
) -> Iterator[WorkInterval[StepKey]]:
    ends = [moment.at for moment in timeline[1:]] + [now]
    for moment, end in zip(timeline, ends, strict=True) if timeline else ():
        if moment.status is Status.IN_PROGRESS and moment.assignee:
            start_s, end_s = business_reading(calendar, moment.at), business_reading(calendar, end)
            yield WorkInterval(moment.assignee, (number, moment.step), start_s, end_s)


def _open_spans(calendar: Calendar, now: datetime, profile: PersonProfile) -> Iterator[tuple[int, int]]:
    for start, end in open_periods(calendar, now, now + timedelta(days=FORECAST_DAYS)):
        if not profile.is_away_on(local_date(start, calendar.timezone)):
            yield _to_seconds(start), _to_seconds(end)


def _subtract_leave(span: tuple[int, int], leave: Leave) -> Iterator[tuple[int, int]]:
    start, end = span
    before = (start, min(end, _to_seconds(leave.begins)))
    after = (end if leave.ends is None else max(start, _to_seconds(leave.ends)), end)
    yield from (part for part in (before, after) if part[0] < part[1])


def _to_seconds(at: datetime) -> int:
    return int(at.timestamp())
