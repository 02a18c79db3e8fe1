"""Monte Carlo simulation of a team's open tickets: when each is done, and which targets are missed.

numpy needs memory that the bot cannot spare, so this runs in a process of its own: `forecast_team` and
`forecast_with_actions` are called there by name, and only the values of `rules.forecasts.forecasts` and
`rules.forecasts.what_if` travel.

One run: 1. Every ticket draws the handling time that it still takes. 2. Tickets are worked one after another in the
order of work: assigned ones by their assignee, unassigned ones by the person with the skill who would finish first.
3. A ticket is done when its handling time is spent. Tickets that wait for the customer or the experts are in nobody's
way: they are worked as if they came back now. How long such tickets took before is not in it, since they had waited in
this same queue: that is a candidate of its own (`rules.forecasts.chances`), and the chance that is told is chosen among
them. The simulation alone tells what difference an action makes.

A ticket whose assignee is not among the workers is never done: it waits until it is reassigned, and is told no chance.
Future tickets are left out. As in every queue with several people, one more person can make a
single ticket later, by changing who takes which (Graham 1969); never where all work the same hours and no ticket is
assigned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rules.forecasts.chances import CandidateChances
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
_ROUNDING = 1e-9  # sums of probabilities are not exact
_Z = np.arange(-8.0, 37.0, 0.01)
_LOG_SURVIVAL = np.array([log_normal_survival(float(z)) for z in _Z])


RandomDraws = Mapping[int, Floats]  # by ticket, what handling time it still takes in each run, in seconds


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

    def work_on(self, task: ForecastTask, effort: Floats) -> Floats:
        """When so much work is done; never (inf) when nobody may. Whoever does it is busy until then."""
        able = [index for index, worker in enumerate(self.workers) if _may_work_on(worker, task)]
        if not able:
            return np.full(effort.size, np.inf)
        done_at = np.stack([self.schedules[index].moments_when_done(self.busy_s[index] + effort) for index in able])
        first, runs = done_at.argmin(axis=0), np.arange(effort.size)
        at: Floats = done_at[first, runs]
        self.busy_s[np.array(able)[first], runs] += np.where(np.isfinite(at), effort, 0.0)
        return at

    def alone(self, task: ForecastTask, effort: Floats) -> Floats:
        """When so much work is done if whoever may work on it does nothing else."""
        able = [self.schedules[index] for index, worker in enumerate(self.workers) if _may_work_on(worker, task)]
        moments = [schedule.moments_when_done(effort) for schedule in able]
        earliest: Floats = np.min(moments, axis=0) if moments else np.full(effort.size, np.inf)
        return earliest


def forecast_with_actions(inputs: ForecastInputs) -> tuple[Forecast, tuple[WhatIfAction, ...]]:
    """The told forecast, and what would help: the simulated difference, beside what is expected without it."""
    forecast = forecast_team(inputs)
    expected = forecast.breaches + forecast.without_worker
    if expected < MIN_BREACHES_FOR_ACTIONS:
        return forecast, ()
    actions = (replace(one, before=expected, after=max(expected - one.gain, 0.0)) for one in find_actions(inputs))
    return forecast, tuple(actions)


def forecast_team(inputs: ForecastInputs) -> Forecast:
    draws = draw_luck(inputs)
    return tell_chances(inputs, _build_forecast(inputs, draws, simulate_finishes(inputs, draws)))


def simulated_breaches(inputs: ForecastInputs) -> float:
    """To compare two plans with."""
    return float(_breaches_per_run(inputs, simulate_finishes(inputs, draw_luck(inputs))).mean())


def candidate_chances(inputs: ForecastInputs) -> dict[int, CandidateChances]:
    """By ticket, of those that have a target and somebody who works on them."""
    draws = draw_luck(inputs)
    simulated = _build_forecast(inputs, draws, simulate_finishes(inputs, draws))
    return _candidates(inputs, simulated)


def tell_chances(inputs: ForecastInputs, simulated: Forecast) -> Forecast:
    """The forecast with the chances that are told instead of the simulated ones, and the breaches that follow."""
    candidates, told = _candidates(inputs, simulated), []
    for one, task in zip(simulated.chances, sort_by_urgency(inputs), strict=True):
        made = 0.0 if is_overdue(task, inputs.now) else None
        if task.number in candidates and made is None:
            made = inputs.method.chosen(is_waiting=task.is_waiting).chance(candidates[task.number])
        told.append(replace(one, made=made))
    misses = [1 - one.made for one in told if one.made is not None and not _is_late(one, inputs.now)]
    low, high = _count_range(misses)
    return replace(simulated, chances=tuple(told), breaches=float(sum(misses)), low=low, high=high)


def _candidates(inputs: ForecastInputs, simulated: Forecast) -> dict[int, CandidateChances]:
    tasks = {task.number: task for task in inputs.tasks}
    return {
        one.number: CandidateChances(one.elapsed, _pace_chance(tasks[one.number]), one.made)
        for one in simulated.chances
        if one.due_at is not None and inputs.has_worker(tasks[one.number])
    }


def _pace_chance(task: ForecastTask) -> float | None:
    return None if task.left_s is None else task.resolution_time.chance_within(task.left_s, task.age_s)


def _is_late(one: TicketForecast, now: int) -> bool:
    return one.due_at is not None and one.due_at < now


def _count_range(chances: Sequence[float]) -> tuple[int, int]:
    """Of independent events with these chances, how many happen: 8 times in 10 from the first to the second."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, (1 - chance, chance))
    reached = np.cumsum(counts) + _ROUNDING
    return int(np.searchsorted(reached, 0.1)), int(np.searchsorted(reached, 0.9))


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
    rows = zip(tasks, luck, strict=True)
    return {task.number: draw_remaining(task.handling_time, task.spent_s, row) for task, row in rows}


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
    for row, task in enumerate(order):
        effort = draws[task.number]
        done[row] = team.alone(task, effort) if task.is_blocked else team.work_on(task, effort)
    return done


def _may_work_on(worker: Worker, task: ForecastTask) -> bool:
    return worker.can_take(task) if task.assignee is None else worker.person == task.assignee


def _build_forecast(inputs: ForecastInputs, draws: RandomDraws, done: Floats) -> Forecast:
    """With simulated chances."""
    breaches = _breaches_per_run(inputs, done)
    low, high = (int(np.quantile(breaches, share, method="inverted_cdf")) for share in (0.1, 0.9))
    clears_at, clears_p90_at = _clearing_moments(inputs, done)
    pairs = zip(sort_by_urgency(inputs), done, strict=True)
    return Forecast(
        chances=tuple(_ticket_forecast(inputs, task, row) for task, row in pairs),
        late=sum(is_overdue(task, inputs.now) for task in inputs.tasks),
        breaches=float(breaches.mean()),
        low=low,
        high=high,
        clears_at=clears_at,
        clears_p90_at=clears_p90_at,
        loads=_person_forecasts(inputs),
    )


def _ticket_forecast(inputs: ForecastInputs, task: ForecastTask, done: Floats) -> TicketForecast:
    made = if_later = None
    if task.due_at is not None:
        made = 0.0 if is_overdue(task, inputs.now) else float((done <= task.due_at).mean())
        if_later = float((done <= same_time_next_open_day(task.due_at, inputs.team_hours)).mean())
    median_at, p90_at = _moment_at_share(done, 0.5), _moment_at_share(done, 0.9)
    return TicketForecast(
        task.number, made, if_later, median_at, p90_at, task.due_at, elapsed=task.elapsed, is_waiting=task.is_waiting
    )


def _clearing_moments(inputs: ForecastInputs, done: Floats) -> tuple[int | None, int | None]:
    """When the work is done on all tickets that do not wait and have somebody: by the minutes of work that people are
    told of each, and 9 times in 10."""
    order = sort_by_urgency(inputs)
    counted = [row for row, task in enumerate(order) if not task.is_blocked and inputs.has_worker(task)]
    expected = simulate_finishes(
        replace(inputs, runs=1), {task.number: np.array([task.work_left_s]) for task in inputs.tasks}
    )
    clears_at = _moment_at_share(expected[counted].max(axis=0, initial=inputs.now), 0.5)
    late = _moment_at_share(done[counted].max(axis=0, initial=inputs.now), 0.9)
    return clears_at, None if late is None or clears_at is None else max(late, clears_at)


def _person_forecasts(inputs: ForecastInputs) -> tuple[PersonForecast, ...]:
    hours = {worker.person: WorkSchedule(worker.periods, inputs.now) for worker in inputs.workers}
    people = dict.fromkeys([*hours, *(task.assignee for task in inputs.tasks)])
    loads = [_person_forecast(inputs, person, hours.get(person or "")) for person in people]
    return tuple(sorted(loads, key=lambda load: (-load.minutes, load.person or "")))


def _person_forecast(inputs: ForecastInputs, person: str | None, schedule: WorkSchedule | None) -> PersonForecast:
    own = [task for task in inputs.tasks if task.assignee == person]
    work_s = sum(task.work_left_s for task in own if not task.is_blocked)
    waiting_s = sum(task.work_left_s for task in own if task.is_blocked)
    clears_at = _moment_at_share(schedule.moments_when_done(np.array([work_s])), 0.5) if schedule else None
    return PersonForecast(person, len(own), round(work_s / 60, 1), clears_at, round(waiting_s / 60, 1))


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
