"""Monte Carlo simulation of a team's open tickets: when each is done, and which targets are missed.

numpy needs memory that the bot cannot spare, so this runs in a process of its own: `forecast_team` and
`forecast_with_actions` are called there by name, and only the values of `rules.forecasts.forecasts` and
`rules.forecasts.what_if` travel.

One run: 1. Every ticket draws what it still takes: handling time of a person, and resolution time in business hours,
because tickets also wait for customers, vendors and decisions. One random number gives both, since a hard ticket is
hard in both. 2. Tickets are worked one after another in the order of work: assigned ones by their assignee, unassigned
ones by the person with the skill who would finish first. A ticket that has taken an hour is put aside until the others
had their turn, since people do not let all wait for a single ticket. 3. A ticket is done when its resolution time has
passed and its handling time is spent, whichever is later: the resolution time was learned under the usual load and
ignores this queue, the handling time knows the queue and ignores the waiting.

A ticket whose assignee is not among the workers is never done: it waits until it is reassigned, and the forecast is
meant to show that. Future tickets are left out. As in every queue with several people, one more person can make a
single ticket later, by changing who takes which (Graham 1969); never where all work the same hours and no ticket is
assigned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rules.forecasts.forecasts import (
    Forecast,
    ForecastInputs,
    ForecastTask,
    PersonForecast,
    TicketForecast,
    Worker,
    WorkPeriod,
    is_overdue,
    same_time_next_open_day,
    sort_by_urgency,
)
from rules.forecasts.what_if import WhatIfAction, apply_what_if, candidate_actions
from rules.workload.handling_time import Estimate, log_normal_survival

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

SEARCH_RUNS = 300  # enough to find the best action of a kind, which is then measured with all runs
MIN_BREACHES_SAVED = 0.25  # an action that saves fewer is not offered
MIN_STANDARD_ERRORS = 2.0  # a gain is at least so many standard errors
MIN_BREACHES_FOR_ACTIONS = 0.5  # with fewer expected breaches no action is offered
MAX_TURN_SECONDS = 3600.0  # after it a ticket waits until the others had their turn
_Z = np.arange(-8.0, 37.0, 0.01)
_LOG_SURVIVAL = np.array([log_normal_survival(float(z)) for z in _Z])


@dataclass(frozen=True, slots=True)
class RandomDraws:
    """What each ticket still takes in each run: handling time in seconds, and the earliest moment its resolution time
    allows.

    They depend on the ticket's number and estimates alone, so that an action is measured with the same random numbers.
    """

    handling_time: Mapping[int, Floats]
    resolvable_at: Mapping[int, Floats]


class WorkSchedule:
    """Work periods from now on, as a map from seconds of work to the moment at which they are done."""

    def __init__(self, shifts: Sequence[WorkPeriod], now: int) -> None:
        ahead = [span for span in shifts if span.share > 0 and span.end > max(now, span.start)]
        self.starts = np.array([max(span.start, now) for span in ahead], dtype=float)
        self.shares = np.array([span.share for span in ahead], dtype=float)
        work = (np.array([span.end for span in ahead], dtype=float) - self.starts) * self.shares
        self.before = np.concatenate(([0.0], np.cumsum(work)))

    def moments_when_done(self, work_s: Floats) -> Floats:
        """The first moment at which so much work is done; never (inf) where the periods end before."""
        if not self.starts.size:
            return np.full(work_s.shape, np.inf)
        index = np.searchsorted(self.before[:-1], work_s, side="left") - 1
        index = np.maximum(index, 0)
        moment = self.starts[index] + (work_s - self.before[index]) / self.shares[index]
        return np.where(work_s <= self.before[-1], moment, np.inf)


class SimulatedTeam:
    """The people at work: how many seconds of work each has been given so far, in each run."""

    def __init__(self, situation: ForecastInputs) -> None:
        self.workers = situation.workers
        self.schedules = [WorkSchedule(worker.periods, situation.now) for worker in self.workers]
        self.busy_s = np.zeros((len(self.workers), situation.runs))

    def begin(self, task: ForecastTask, effort: Floats) -> tuple[Indices, Floats]:
        """Who works on it, and when so much work is done; never (inf) when nobody may. That person is busy until
        then."""
        able = [index for index, worker in enumerate(self.workers) if _may_work_on(worker, task)]
        if not able:
            return np.zeros(effort.size, dtype=np.intp), np.full(effort.size, np.inf)
        given_at = np.stack([self.schedules[index].moments_when_done(self.busy_s[index] + effort) for index in able])
        first, runs = given_at.argmin(axis=0), np.arange(effort.size)
        who, at = np.array(able)[first], given_at[first, runs]
        self.busy_s[who, runs] += np.where(np.isfinite(at), effort, 0.0)
        return who, at

    def continue_work(self, who: Indices, given_at: Floats, rest: Floats) -> None:
        """The same person does the rest where there is one, and `given_at` moves to when that is done."""
        longer = np.flatnonzero((rest > 0) & np.isfinite(given_at))
        for index in np.unique(who[longer]):
            runs = longer[who[longer] == index]
            work = self.busy_s[index, runs] + rest[runs]
            given_at[runs] = self.schedules[index].moments_when_done(work)
            self.busy_s[index, runs] = np.where(np.isfinite(given_at[runs]), work, self.busy_s[index, runs])


def forecast_with_actions(inputs: ForecastInputs) -> tuple[Forecast, tuple[WhatIfAction, ...]]:
    forecast = forecast_team(inputs)
    return forecast, find_actions(inputs) if forecast.breaches >= MIN_BREACHES_FOR_ACTIONS else ()


def forecast_team(inputs: ForecastInputs) -> Forecast:
    draws = draw_luck(inputs)
    return _build_forecast(inputs, draws, simulate_finishes(inputs, draws))


def find_actions(inputs: ForecastInputs) -> tuple[WhatIfAction, ...]:
    """The best action of each kind, the largest gain first; only gains larger than chance would explain.

    1. The inputs are simulated unchanged. 2. Every candidate is tried with a few runs. 3. The best of each kind is
    measured with all of them. Each is compared run by run, with the same random numbers.
    """
    quick = replace(inputs, runs=min(SEARCH_RUNS, inputs.runs))
    actions, draws, quick_draws = [], draw_luck(inputs), draw_luck(quick)
    done = simulate_finishes(inputs, draws)
    base = _breaches_per_run(inputs, done)
    for candidates in candidate_actions(inputs, _build_forecast(inputs, draws, done)).values():
        best = min(candidates, key=lambda one: _breaches_with_action(quick, one, quick_draws).mean(), default=None)
        if best is not None:
            after = _breaches_with_action(inputs, best, draws)
            if _is_significant(base - after):
                actions.append(replace(best, before=float(base.mean()), after=float(after.mean())))
    return tuple(sorted(actions, key=lambda one: -one.gain))


def draw_luck(inputs: ForecastInputs) -> RandomDraws:
    """Each ticket's random numbers are spread evenly over all probabilities (Latin hypercube; McKay 1979)."""
    tasks = sorted(inputs.tasks, key=lambda task: task.number)
    generator = np.random.default_rng(inputs.seed)
    ranks = np.tile(np.arange(inputs.runs, dtype=float), (len(tasks), 1))
    luck = (generator.permuted(ranks, axis=1) + generator.random(ranks.shape)) / inputs.runs
    opening = WorkSchedule(inputs.team_hours, inputs.now)
    handling_time, resolvable_at = {}, {}
    for task, row in zip(tasks, luck, strict=True):
        handling_time[task.number] = draw_remaining(task.handling_time, task.spent_s, row)
        resolvable_at[task.number] = opening.moments_when_done(draw_remaining(task.resolution_time, task.age_s, row))
    return RandomDraws(handling_time, resolvable_at)


def draw_remaining(estimate: Estimate, spent_s: float, luck: Floats) -> Floats:
    """What is left after `spent_s`, for each number above 0 up to 1: long where it is small, 0 where it is 1.

    The tail beyond what is spent is scaled by the number and read back from a table of ln P(Z > z).
    """
    if not estimate.sigma:
        return np.full(luck.shape, max(estimate.median_s - spent_s, 0.0))
    spent_z = min(estimate.z_score(spent_s), _Z[-2]) if spent_s > 0 else _Z[0]
    tail = np.log(np.maximum(luck, np.finfo(float).tiny)) + log_normal_survival(spent_z)
    z = np.interp(-tail, -_LOG_SURVIVAL, _Z)
    left: Floats = estimate.median_s * np.exp(estimate.sigma * z) - spent_s
    return np.maximum(left, 0.0)


def simulate_finishes(inputs: ForecastInputs, draws: RandomDraws) -> Floats:
    """When each ticket is done in each run, a row for each ticket in the order of work."""
    order, team = sort_by_urgency(inputs), SimulatedTeam(inputs)
    done = np.empty((len(order), inputs.runs))
    for is_paused in (False, True):
        rows = [row for row, task in enumerate(order) if (task.priority in inputs.paused_priorities) is is_paused]
        work = [draws.handling_time[order[row].number] for row in rows]
        turns = [team.begin(order[row], np.minimum(own, MAX_TURN_SECONDS)) for row, own in zip(rows, work, strict=True)]
        for row, own, (who, given_at) in zip(rows, work, turns, strict=True):
            team.continue_work(who, given_at, own - MAX_TURN_SECONDS)
            done[row] = np.maximum(given_at, draws.resolvable_at[order[row].number])
    return done


def _may_work_on(worker: Worker, task: ForecastTask) -> bool:
    return worker.can_take(task) if task.assignee is None else worker.person == task.assignee


def _build_forecast(inputs: ForecastInputs, draws: RandomDraws, done: Floats) -> Forecast:
    breaches = _breaches_per_run(inputs, done)
    low, high = (int(np.quantile(breaches, share, method="inverted_cdf")) for share in (0.1, 0.9))
    clearing = done.max(axis=0, initial=inputs.now)
    pairs = zip(sort_by_urgency(inputs), done, strict=True)
    return Forecast(
        chances=tuple(_ticket_forecast(inputs, task, row) for task, row in pairs),
        late=sum(is_overdue(task, inputs.now) for task in inputs.tasks),
        breaches=float(breaches.mean()),
        low=low,
        high=high,
        clears_at=_moment_at_share(clearing, 0.5),
        clears_p90_at=_moment_at_share(clearing, 0.9),
        loads=_person_forecasts(inputs, draws),
    )


def _ticket_forecast(inputs: ForecastInputs, task: ForecastTask, done: Floats) -> TicketForecast:
    made = if_later = None
    if task.due_at is not None:
        made = 0.0 if is_overdue(task, inputs.now) else float((done <= task.due_at).mean())
        if_later = float((done <= same_time_next_open_day(task.due_at, inputs.team_hours)).mean())
    median_at, p90_at = _moment_at_share(done, 0.5), _moment_at_share(done, 0.9)
    return TicketForecast(task.number, made, if_later, median_at, p90_at, task.due_at)


def _person_forecasts(inputs: ForecastInputs, draws: RandomDraws) -> tuple[PersonForecast, ...]:
    hours = {worker.person: WorkSchedule(worker.periods, inputs.now) for worker in inputs.workers}
    people = dict.fromkeys([*hours, *(task.assignee for task in inputs.tasks)])
    loads = []
    for person in people:
        work_of_each = [draws.handling_time[task.number] for task in inputs.tasks if task.assignee == person]
        work = np.sum(work_of_each, axis=0) if work_of_each else np.zeros(inputs.runs)
        clears_at = _moment_at_share(hours[person].moments_when_done(work), 0.5) if person in hours else None
        loads.append(PersonForecast(person, len(work_of_each), round(float(np.median(work)) / 60, 1), clears_at))
    return tuple(sorted(loads, key=lambda load: (-load.minutes, load.person or "")))


def _breaches_per_run(inputs: ForecastInputs, done: Floats) -> Floats:
    """How many targets that can still be met are missed, in each run."""
    pairs = zip(sort_by_urgency(inputs), done, strict=True)
    rows = [row > task.due_at for task, row in pairs if task.due_at is not None and task.due_at >= inputs.now]
    return np.sum(rows, axis=0, dtype=float) if rows else np.zeros(inputs.runs)


def _breaches_with_action(inputs: ForecastInputs, action: WhatIfAction, draws: RandomDraws) -> Floats:
    changed = apply_what_if(inputs, action)
    return _breaches_per_run(changed, simulate_finishes(changed, draws))


def _is_significant(saved: Floats) -> bool:
    error = saved.std() / np.sqrt(saved.size)
    return bool(saved.mean() >= MIN_BREACHES_SAVED and saved.mean() > MIN_STANDARD_ERRORS * error)


def _moment_at_share(moments: Floats, share: float) -> int | None:
    at = float(np.quantile(moments, share, method="inverted_cdf"))
    return int(np.ceil(at)) if np.isfinite(at) else None
