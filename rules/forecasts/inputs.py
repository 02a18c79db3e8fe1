"""Forecast inputs from the desk's history: who will work when, the remaining work, and the estimates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.calendars.calendars import Calendar, add_business_seconds, open_periods
from rules.calendars.timezones import local_date
from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod, WorkPeriods
from rules.forecasts.history import TicketHistory
from rules.forecasts.learning import TeamEstimates
from rules.forecasts.work import remaining_work, resolution_time_so_far
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.presence.presence import Leave
from rules.presence.shifts import Shifts, with_own_shifts
from rules.workload.handling_time import Estimate

FORECAST_DAYS = 28  # days


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
    tasks = (_forecast_task(policy, calendar, one, estimates, work[one.number], now) for one in tickets)
    return ForecastInputs(
        now=_to_seconds(now),
        tasks=tuple(tasks),
        workers=tuple(_workers(policy, team, tickets, availability, now)),
        team_hours=team_work_periods(calendar, now),
        paused_priorities=paused_priorities,
        seed=_to_seconds(now) // 60,
        method=estimates.method,
    )


def people_at_work(policy: Policy, team: str, tickets: Sequence[TicketHistory]) -> tuple[str, ...]:
    """The team's people, and those of other teams who have tickets of it."""
    elsewhere = {person for one in policy.teams.values() for person in one.people}
    assignees = sorted(ticket.assignee for ticket in tickets if ticket.assignee in elsewhere)
    return tuple(dict.fromkeys((*policy.team(team).people, *assignees)))


def _workers(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], availability: TeamAvailability, now: datetime
) -> Iterator[Worker]:
    """People of other teams work on what they have and take nothing new."""
    own = policy.team(team).people
    for person in people_at_work(policy, team, tickets):
        if person not in availability.gone:
            leaves, shifts = availability.leaves.get(person, ()), availability.own_shifts.get(person, ())
            periods = person_work_periods(policy, person, team, now, leaves, own_shifts=shifts)
            yield Worker(person, periods, None if person in own else frozenset())


def _forecast_task(
    policy: Policy,
    calendar: Calendar,
    ticket: TicketHistory,
    estimates: TeamEstimates,
    work: tuple[Estimate, float],
    now: datetime,
) -> ForecastTask:
    due_at, used_s = _due_seconds(policy, ticket, now), resolution_time_so_far(policy, calendar, ticket, now)
    left_s = None if due_at is None or ticket.timer is None else ticket.timer.total_s - used_s
    elapsed = None if left_s is None else estimates.elapsed.chance_within(ticket.type, ticket.state, used_s, left_s)
    return ForecastTask(
        number=ticket.number,
        type=ticket.type,
        priority=ticket.priority,
        assignee=ticket.assignee,
        due_at=due_at,
        handling_time=work[0],
        resolution_time=estimates.resolution_time.estimate_for(ticket.type),
        spent_s=work[1],
        age_s=used_s,
        left_s=left_s,
        state=ticket.state,
        elapsed=elapsed,
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


def _due_seconds(policy: Policy, ticket: TicketHistory, now: datetime) -> int | None:
    """The due time; a paused timer counts as if it resumed now."""
    timer = ticket.timer
    if timer is None or not timer.is_open:
        return None
    left = timer.remaining_s or 0
    if timer.is_running or left < 0:
        return _to_seconds(timer.due_at)
    return _to_seconds(add_business_seconds(policy.calendar(timer.calendar), now, left))


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
