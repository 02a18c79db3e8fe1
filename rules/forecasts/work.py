"""The work on tickets: how much was spent so far, and how much each still takes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from rules.calendars.calendars import Calendar, business_reading, business_seconds_between
from rules.forecasts.history import TicketHistory, TimelineEntry
from rules.forecasts.survival import TicketState
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.sla.timers import used_seconds
from rules.workload.handling_time import DurationSample, Estimate, Estimates, WorkInterval, measure_handling_times

StepKey = tuple[int, str]  # a ticket's number and the step, "" outside of steps


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
    return float(used_seconds(policy, ticket.timer, now))


def remaining_work(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], handling_time: Estimates, now: datetime
) -> dict[int, tuple[Estimate, float]]:
    """By ticket: the estimate from its open step on, or of the whole ticket, and the time spent on that so far.

    The time is shared among the tickets that one person has begun in the team, so that it is the same figure whoever
    else is read with them. A ticket that nobody has begun, or that was assigned anew, has all of its work ahead.
    """
    by_assignee: dict[str | None, list[TicketHistory]] = defaultdict(list)
    for ticket in tickets:
        if ticket.state is not TicketState.NOT_BEGUN:
            by_assignee[ticket.assignee].append(ticket)
    spent: dict[StepKey, float] = {}
    for own_tickets in by_assignee.values():
        spent |= handling_time_so_far(policy, team, own_tickets, now)
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


def total_by_ticket(spent: Mapping[StepKey, float]) -> dict[int, float]:
    whole: dict[int, float] = defaultdict(float)
    for (number, _), seconds in spent.items():
        whole[number] += seconds
    return dict(whole)


def step_samples(ticket: TicketHistory, spent: Mapping[StepKey, float]) -> Iterator[DurationSample]:
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
