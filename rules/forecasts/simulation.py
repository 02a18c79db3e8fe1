"""Will it be done in time? The open tickets of a team, worked off a few thousand times by chance.

numpy costs memory that the bot does not have to spare, so this runs in a process of its own: `outlook` and `levers` are
called there by name, and only the values of `rules.forecasts.forecasts` and `rules.forecasts.what_if` travel.

One run: 1. Every ticket draws what it still takes: attention of a person (`effort`), and open time (`pace`), because
tickets also wait for customers, vendors and thoughts. One draw decides both, since a hard ticket is hard in both.
2. Tickets are worked one after another in the order of work: held ones by their holder, those that nobody has by
whoever fits and is done with it first. One that has taken an hour is put aside until the others had theirs, for nobody
lets all wait for a single ticket. 3. A ticket is done when its pace has passed and its effort has been given, the later
of the two: pace was learned under the usual load and knows nothing of this queue, effort knows the queue and nothing of
the waiting.

A ticket whose holder is not among the workers is never done: it waits until somebody hands it over, and saying so is
the point. Tickets still to come are not in it. As in every queue of several people, one more person can make a single
ticket later, by changing who takes which (Graham 1969); where all work the same hours and hold nothing, never.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rules.forecasts.forecasts import (
    Chance,
    Load,
    Outlook,
    Shift,
    Situation,
    Task,
    Worker,
    is_late,
    next_day,
    order_of_work,
)
from rules.forecasts.what_if import Lever, applied, candidates
from rules.workload.handling_time import Estimate, log_tail

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

SEARCH_RUNS = 300  # enough to tell the best lever of its kind, which is then measured with all runs
LEAST_GAIN = 0.25  # fewer breaches saved are no lever
SURE = 2.0  # standard errors
WORTH_HELP = 0.5  # with fewer breaches to be expected nobody is asked to do anything
TURN_S = 3600.0  # the longest that a ticket keeps its person from the others
_Z = np.arange(-8.0, 37.0, 0.01)
_LOG_TAIL = np.array([log_tail(float(z)) for z in _Z])


@dataclass(frozen=True, slots=True)
class Draws:
    """What each ticket still takes in each run: attention in seconds, and the earliest moment that its pace allows.

    They depend on the ticket's number and estimates alone, so that a lever is measured with the same luck.
    """

    effort: Mapping[int, Floats]
    ripe_at: Mapping[int, Floats]


class Hours:
    """Shifts from now on, as a map from seconds of work to the moment at which they are given."""

    def __init__(self, shifts: Sequence[Shift], now: int) -> None:
        ahead = [span for span in shifts if span.share > 0 and span.end > max(now, span.start)]
        self.starts = np.array([max(span.start, now) for span in ahead], dtype=float)
        self.shares = np.array([span.share for span in ahead], dtype=float)
        work = (np.array([span.end for span in ahead], dtype=float) - self.starts) * self.shares
        self.before = np.concatenate(([0.0], np.cumsum(work)))

    def at(self, work: Floats) -> Floats:
        """The first moment at which so much work is given; never (inf) where the shifts end before."""
        if not self.starts.size:
            return np.full(work.shape, np.inf)
        index = np.searchsorted(self.before[:-1], work, side="left") - 1
        index = np.maximum(index, 0)
        moment = self.starts[index] + (work - self.before[index]) / self.shares[index]
        return np.where(work <= self.before[-1], moment, np.inf)


class Team:
    """The people at work: how many seconds of work each has been given so far, in each run."""

    def __init__(self, situation: Situation) -> None:
        self.workers = situation.workers
        self.hours = [Hours(worker.shifts, situation.now) for worker in self.workers]
        self.busy = np.zeros((len(self.workers), situation.runs))

    def begin(self, task: Task, effort: Floats) -> tuple[Whole, Floats]:
        """Who works on it, and when so much effort is given; never (inf) when nobody would. Who does is then busy."""
        able = [index for index, worker in enumerate(self.workers) if _may(worker, task)]
        if not able:
            return np.zeros(effort.size, dtype=np.intp), np.full(effort.size, np.inf)
        given_at = np.stack([self.hours[index].at(self.busy[index] + effort) for index in able])
        first, runs = given_at.argmin(axis=0), np.arange(effort.size)
        who, at = np.array(able)[first], given_at[first, runs]
        self.busy[who, runs] += np.where(np.isfinite(at), effort, 0.0)
        return who, at

    def go_on(self, who: Whole, given_at: Floats, rest: Floats) -> None:
        """The same person gives the rest where there is one, and `given_at` moves to when that is done."""
        longer = np.flatnonzero((rest > 0) & np.isfinite(given_at))
        for index in np.unique(who[longer]):
            runs = longer[who[longer] == index]
            work = self.busy[index, runs] + rest[runs]
            given_at[runs] = self.hours[index].at(work)
            self.busy[index, runs] = np.where(np.isfinite(given_at[runs]), work, self.busy[index, runs])


def look(situation: Situation) -> tuple[Outlook, tuple[Lever, ...]]:
    """The outlook, and where promises are in danger what would help."""
    ahead = outlook(situation)
    return ahead, levers(situation) if ahead.breaches >= WORTH_HELP else ()


def outlook(situation: Situation) -> Outlook:
    """What is to be expected of the team as things stand."""
    draws = drawn(situation)
    return _outlook(situation, draws, finishes(situation, draws))


def levers(situation: Situation) -> tuple[Lever, ...]:
    """What would help, the best of each kind, what saves most first; only what saves more than chance would explain.

    1. The situation is simulated as it stands. 2. Every candidate is tried with a few runs. 3. The best of each kind is
    measured with all of them. Each is compared run by run, with the same luck.
    """
    quick = replace(situation, runs=min(SEARCH_RUNS, situation.runs))
    found, draws, quick_draws = [], drawn(situation), drawn(quick)
    done = finishes(situation, draws)
    base = _breaches(situation, done)
    for some in candidates(situation, _outlook(situation, draws, done)).values():
        best = min(some, key=lambda one: _breaches_with(quick, one, quick_draws).mean(), default=None)
        if best is not None:
            after = _breaches_with(situation, best, draws)
            if _is_real(base - after):
                found.append(replace(best, before=float(base.mean()), after=float(after.mean())))
    return tuple(sorted(found, key=lambda one: -one.gain))


def drawn(situation: Situation) -> Draws:
    """The luck of every run: each ticket's is spread evenly over all chances (Latin hypercube; McKay 1979)."""
    tasks = sorted(situation.tasks, key=lambda task: task.number)
    generator = np.random.default_rng(situation.seed)
    ranks = np.tile(np.arange(situation.runs, dtype=float), (len(tasks), 1))
    luck = (generator.permuted(ranks, axis=1) + generator.random(ranks.shape)) / situation.runs
    opening = Hours(situation.opening, situation.now)
    effort = {task.number: remaining(task.effort, task.spent_s, row) for task, row in zip(tasks, luck, strict=True)}
    pace = {task.number: remaining(task.pace, task.age_s, row) for task, row in zip(tasks, luck, strict=True)}
    return Draws(effort, {number: opening.at(left) for number, left in pace.items()})


def remaining(estimate: Estimate, spent_s: float, luck: Floats) -> Floats:
    """What is left after `spent_s`, for each luck above 0 up to 1: long where it is small, 0 where it is 1.

    The tail beyond what is spent is scaled by the luck and read back from a table of ln P(Z > z).
    """
    if not estimate.sigma:
        return np.full(luck.shape, max(estimate.median_s - spent_s, 0.0))
    spent_z = min(estimate.z(spent_s), _Z[-2]) if spent_s > 0 else _Z[0]
    tail = np.log(np.maximum(luck, np.finfo(float).tiny)) + log_tail(spent_z)
    z = np.interp(-tail, -_LOG_TAIL, _Z)
    left: Floats = estimate.median_s * np.exp(estimate.sigma * z) - spent_s
    return np.maximum(left, 0.0)


def finishes(situation: Situation, draws: Draws) -> Floats:
    """When each ticket is done in each run, a row for each ticket in the order of work."""
    order, team = order_of_work(situation), Team(situation)
    done = np.empty((len(order), situation.runs))
    for is_paused in (False, True):
        rows = [row for row, task in enumerate(order) if (task.priority in situation.paused) is is_paused]
        turns = [team.begin(order[row], np.minimum(draws.effort[order[row].number], TURN_S)) for row in rows]
        for row, (who, given_at) in zip(rows, turns, strict=True):
            number = order[row].number
            team.go_on(who, given_at, draws.effort[number] - TURN_S)
            done[row] = np.maximum(given_at, draws.ripe_at[number])
    return done


def _may(worker: Worker, task: Task) -> bool:
    return worker.fits(task) if task.holder is None else worker.person == task.holder


def _outlook(situation: Situation, draws: Draws, done: Floats) -> Outlook:
    breaches = _breaches(situation, done)
    low, high = (int(np.quantile(breaches, share, method="inverted_cdf")) for share in (0.1, 0.9))
    clears = done.max(axis=0, initial=situation.now)
    pairs = zip(order_of_work(situation), done, strict=True)
    return Outlook(
        chances=tuple(_chance(situation, task, row) for task, row in pairs),
        late=sum(is_late(task, situation.now) for task in situation.tasks),
        breaches=float(breaches.mean()),
        low=low,
        high=high,
        clears_at=_moment(clears, 0.5),
        clears_p90_at=_moment(clears, 0.9),
        loads=_loads(situation, draws),
    )


def _chance(situation: Situation, task: Task, done: Floats) -> Chance:
    made = if_later = None
    if task.due_at is not None:
        made = 0.0 if is_late(task, situation.now) else float((done <= task.due_at).mean())
        if_later = float((done <= next_day(task.due_at, situation.opening)).mean())
    return Chance(task.number, made, if_later, _moment(done, 0.5), _moment(done, 0.9), task.due_at)


def _loads(situation: Situation, draws: Draws) -> tuple[Load, ...]:
    """Everybody who works or holds something, and what nobody has, the most minutes first."""
    hours = {worker.person: Hours(worker.shifts, situation.now) for worker in situation.workers}
    holders = dict.fromkeys([*hours, *(task.holder for task in situation.tasks)])
    found = []
    for who in holders:
        mine = [draws.effort[task.number] for task in situation.tasks if task.holder == who]
        work = np.sum(mine, axis=0) if mine else np.zeros(situation.runs)
        clears_at = _moment(hours[who].at(work), 0.5) if who in hours else None
        found.append(Load(who, len(mine), round(float(np.median(work)) / 60, 1), clears_at))
    return tuple(sorted(found, key=lambda load: (-load.minutes, load.person or "")))


def _breaches(situation: Situation, done: Floats) -> Floats:
    """How many promises that can still be kept are not, in each run."""
    pairs = zip(order_of_work(situation), done, strict=True)
    rows = [row > task.due_at for task, row in pairs if task.due_at is not None and task.due_at >= situation.now]
    return np.sum(rows, axis=0, dtype=float) if rows else np.zeros(situation.runs)


def _breaches_with(situation: Situation, lever: Lever, draws: Draws) -> Floats:
    changed = applied(situation, lever)
    return _breaches(changed, finishes(changed, draws))


def _is_real(saved: Floats) -> bool:
    error = saved.std() / np.sqrt(saved.size)
    return bool(saved.mean() >= LEAST_GAIN and saved.mean() > SURE * error)


def _moment(moments: Floats, share: float) -> int | None:
    """The moment by which that share is done, rounded up to the second; None when never."""
    at = float(np.quantile(moments, share, method="inverted_cdf"))
    return int(np.ceil(at)) if np.isfinite(at) else None
