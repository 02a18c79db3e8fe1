"""What a team's history teaches: how long tickets take, and how much longer those that have come as far as this one."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rules.calendars.calendars import open_periods
from rules.forecasts.chances import ChanceMethod
from rules.forecasts.history import TicketHistory, history_at, timer_at
from rules.forecasts.survival import ElapsedSample, SurvivalCurves, learn_curves
from rules.forecasts.work import handling_time_so_far, resolution_time_so_far, step_samples, total_by_ticket
from rules.model.policy import Policy
from rules.model.timers import SlaTimer, TimerEventKind
from rules.sla.timers import used_seconds
from rules.workload.handling_time import (
    DEFAULT_HANDLING_TIME,
    DEFAULT_RESOLUTION_TIME,
    DurationSample,
    Estimates,
    learn_estimates,
)

HISTORY_SPAN = timedelta(days=365)  # what a team learns from
MAX_MORNINGS = 48  # of a year that are asked again: about one a week
MAX_MOMENTS = 10  # in a ticket's life at which it is looked at


@dataclass(frozen=True, slots=True)
class TeamEstimates:
    """A team's estimates of handling time (a person's time) and resolution time (business time from filing on), and how
    much longer tickets took that had come so far; and how a chance is told."""

    handling_time: Estimates
    resolution_time: Estimates
    resolved_count: int
    elapsed: SurvivalCurves = field(default_factory=SurvivalCurves)
    method: ChanceMethod = field(default_factory=ChanceMethod)

    @classmethod
    def without_history(cls) -> "TeamEstimates":
        return cls(learn_estimates([], DEFAULT_HANDLING_TIME), learn_estimates([], DEFAULT_RESOLUTION_TIME), 0)


def learn_team_estimates(policy: Policy, team: str, tickets: Sequence[TicketHistory], now: datetime) -> TeamEstimates:
    """Estimates by type, step and state; open tickets count as lower bounds."""
    calendar = policy.team_calendar(team)
    spent = handling_time_so_far(policy, team, tickets, now)
    total_s = total_by_ticket(spent)
    handled = [ticket for ticket in tickets if ticket.number in total_s]
    efforts = [DurationSample(ticket.type, total_s[ticket.number], has_ended=ticket.is_done) for ticket in handled]
    efforts += [sample for ticket in handled for sample in step_samples(ticket, spent)]
    paces = [
        DurationSample(ticket.type, resolution_time_so_far(policy, calendar, ticket, now), has_ended=ticket.is_done)
        for ticket in tickets
    ]
    handling_time = learn_estimates(efforts, DEFAULT_HANDLING_TIME)
    resolution_time = learn_estimates(paces, DEFAULT_RESOLUTION_TIME)
    elapsed = learn_curves(elapsed_samples(policy, team, tickets, now))
    return TeamEstimates(handling_time, resolution_time, sum(ticket.is_done for ticket in tickets), elapsed)


def elapsed_samples(
    policy: Policy, team: str, tickets: Sequence[TicketHistory], now: datetime
) -> Iterator[ElapsedSample]:
    """Each ticket when it was filed, and on some of the mornings on which it was open."""
    first = min((ticket.created_at for ticket in tickets), default=now)
    mornings = [start for start, _ in open_periods(policy.team_calendar(team), first, now)]
    for ticket in tickets:
        if ticket.timer is not None:
            ends = _times_until_closed(policy, ticket.timer)
            for at in _moments_open(ticket, mornings, now):
                yield from _sample_at(policy, ticket, at, ends, now)


def _moments_open(ticket: TicketHistory, mornings: Sequence[datetime], now: datetime) -> list[datetime]:
    own = mornings[bisect_left(mornings, ticket.created_at) : bisect_left(mornings, ticket.resolved_at or now)]
    if len(own) >= MAX_MOMENTS:
        own = [own[index * len(own) // MAX_MOMENTS] for index in range(MAX_MOMENTS)]
    return [ticket.created_at, *own]


def _sample_at(
    policy: Policy, ticket: TicketHistory, at: datetime, ends: Sequence[tuple[datetime, int]], now: datetime
) -> Iterator[ElapsedSample]:
    known = history_at(policy, ticket, at)
    if known is None or known.timer is None or not known.timer.is_open or ticket.timer is None:
        return
    used_s = used_seconds(policy, known.timer, at)
    end = next((until_s for closed_at, until_s in ends if closed_at >= at), None)
    until_s = used_seconds(policy, ticket.timer, now) if end is None else end
    yield ElapsedSample(
        ticket.number, ticket.type, known.state, used_s, max(until_s - used_s, 0), has_ended=end is not None
    )


def _times_until_closed(policy: Policy, timer: SlaTimer) -> list[tuple[datetime, int]]:
    """Each time it was closed, with the time that was used until then."""
    closed = [event.at for event in timer.events if event.kind in (TimerEventKind.MET, TimerEventKind.BREACHED)]
    return [(at, used_seconds(policy, timer_at(policy, timer, at), at)) for at in closed]


def replay_mornings(policy: Policy, team: str, tickets: Sequence[TicketHistory], now: datetime) -> list[datetime]:
    """Openings of the team in the last year, from its first ticket on, evenly spread."""
    first = max(min((ticket.created_at for ticket in tickets), default=now), now - HISTORY_SPAN)
    mornings = [start for start, _ in open_periods(policy.team_calendar(team), first, now)]
    step = max(1, -(-len(mornings) // MAX_MORNINGS))
    return mornings[::step]
