"""What-if actions: each is one change of the forecast inputs that the desk can apply exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from math import inf

from rules.forecasts.forecasts import (
    Forecast,
    ForecastInputs,
    ForecastTask,
    PersonForecast,
    TicketForecast,
    Worker,
    WorkPeriods,
    first_work_periods,
    is_overdue,
    same_time_next_open_day,
)
from rules.model.tickets import Priority

HELPER_NAME = "helper"
HELP_SECONDS = 2 * 3600
EXTENDED_COUNT = 3
TICKET_COUNTS = (1, 2, 3, 5, 8, 13)  # numbers of tickets to move or hand to a helper
PEOPLE_COUNT = 2  # givers and takers to try
SAFE_CHANCE = 0.95  # a ticket this likely to meet its target has nothing to gain


class WhatIfKind(StrEnum):
    MOVE = "move"
    HELP = "help"
    PAUSE = "pause"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class WhatIfAction:
    """One change, with the expected breaches without and with it.

    MOVE gives `tickets` of `giver` to `taker`. HELP adds one more person for `shifts`, who takes `tickets` first. PAUSE
    lets `priority` wait for all others. EXTEND extends each of `tickets` to the moment beside it in `due_at`.
    """

    kind: WhatIfKind
    tickets: tuple[int, ...] = ()
    giver: str | None = None
    taker: str | None = None
    shifts: WorkPeriods = ()
    priority: Priority | None = None
    due_at: tuple[int, ...] = ()
    before: float = 0.0
    after: float = 0.0

    @property
    def gain(self) -> float:
        return self.before - self.after


def apply_what_if(inputs: ForecastInputs, action: WhatIfAction) -> ForecastInputs:
    """The inputs as if the action were applied; tickets that are no longer open are skipped."""
    if action.kind is WhatIfKind.PAUSE and action.priority is not None:
        return replace(inputs, paused_priorities=inputs.paused_priorities | {action.priority})
    if action.kind is WhatIfKind.EXTEND:
        later = dict(zip(action.tickets, action.due_at, strict=True))
        tasks = (replace(task, due_at=later.get(task.number, task.due_at)) for task in inputs.tasks)
        return replace(inputs, tasks=tuple(tasks))
    given = (replace(task, assignee=action.taker) if task.number in action.tickets else task for task in inputs.tasks)
    helpers = (Worker(HELPER_NAME, action.shifts),) if action.kind is WhatIfKind.HELP else ()
    return replace(inputs, tasks=tuple(given), workers=inputs.workers + helpers)


def candidate_actions(inputs: ForecastInputs, forecast: Forecast) -> dict[WhatIfKind, tuple[WhatIfAction, ...]]:
    return {
        WhatIfKind.MOVE: tuple(dict.fromkeys(_move_actions(inputs, forecast))),
        WhatIfKind.HELP: tuple(dict.fromkeys(_help_actions(inputs, forecast))),
        WhatIfKind.PAUSE: tuple(_pause_actions(inputs)),
        WhatIfKind.EXTEND: tuple(_extension_actions(inputs, forecast)),
    }


def _move_actions(inputs: ForecastInputs, forecast: Forecast) -> Iterator[WhatIfAction]:
    """From the assignees who finish last (away: never) to those who finish first, as many tickets as the taker has the
    skill for."""
    loads = [load for load in forecast.loads if load.person is not None]
    givers = sorted((load for load in loads if load.tickets), key=_clearing_key, reverse=True)[:PEOPLE_COUNT]
    for giver in givers:
        for taker in _possible_takers(inputs, loads, giver)[:PEOPLE_COUNT]:
            movable = [task for task in inputs.tasks if task.assignee == giver.person and _helps(taker, task)]
            for tickets in _selections(inputs, movable, forecast):
                yield WhatIfAction(WhatIfKind.MOVE, tickets, giver.person, taker.person)


def _helps(taker: Worker, task: ForecastTask) -> bool:
    """Whoever is away until the ticket is due would only let it wait elsewhere."""
    return taker.can_take(task) and (task.due_at is None or taker.works_before(task.due_at))


def _possible_takers(inputs: ForecastInputs, loads: Sequence[PersonForecast], giver: PersonForecast) -> list[Worker]:
    clearing = {load.person: _clearing_key(load) for load in loads}
    return sorted((one for one in inputs.workers if one.person != giver.person), key=lambda one: clearing[one.person])


def _help_actions(inputs: ForecastInputs, forecast: Forecast) -> Iterator[WhatIfAction]:
    shifts = first_work_periods(inputs.team_hours, inputs.now, HELP_SECONDS)
    if shifts:
        yield WhatIfAction(WhatIfKind.HELP, taker=HELPER_NAME, shifts=shifts)
        for tickets in _selections(inputs, inputs.tasks, forecast):
            yield WhatIfAction(WhatIfKind.HELP, tickets, taker=HELPER_NAME, shifts=shifts)


def _pause_actions(inputs: ForecastInputs) -> Iterator[WhatIfAction]:
    priorities = {task.priority for task in inputs.tasks}
    if Priority.LOW in priorities - inputs.paused_priorities and len(priorities) > 1:
        yield WhatIfAction(WhatIfKind.PAUSE, priority=Priority.LOW)


def _extension_actions(inputs: ForecastInputs, forecast: Forecast) -> Iterator[WhatIfAction]:
    due_at = {task.number: task.due_at for task in inputs.tasks if task.due_at is not None}
    extendable = [one for one in forecast.chances if one.number in due_at and due_at[one.number] >= inputs.now]
    best = sorted(extendable, key=lambda one: (-_gain_if_later(one), one.number))[:EXTENDED_COUNT]
    numbers = tuple(one.number for one in best if _gain_if_later(one) > 0)
    if numbers:
        later = tuple(same_time_next_open_day(due_at[number], inputs.team_hours) for number in numbers)
        yield WhatIfAction(WhatIfKind.EXTEND, tickets=numbers, due_at=later)


def _selections(inputs: ForecastInputs, tasks: Sequence[ForecastTask], forecast: Forecast) -> Iterator[tuple[int, ...]]:
    """Some of these tickets, without overdue and safe ones: the first ones due, or the least likely to be met."""
    unsafe = {one.number: one.made for one in forecast.chances if one.made is not None and one.made < SAFE_CHANCE}
    unsafe_tasks = [task for task in tasks if task.number in unsafe and not is_overdue(task, inputs.now)]
    by_due = [task.number for task in sorted(unsafe_tasks, key=lambda one: (one.due_at or 0, one.number))]
    by_chance = sorted(by_due, key=lambda number: unsafe[number])
    for many, numbers in product(TICKET_COUNTS, (by_due, by_chance)):
        if many <= len(numbers):
            yield tuple(sorted(numbers[:many]))


def _gain_if_later(chance: TicketForecast) -> float:
    return 0.0 if chance.made is None or chance.if_later is None else chance.if_later - chance.made


def _clearing_key(load: PersonForecast) -> tuple[float, str]:
    return inf if load.clears_at is None else load.clears_at, load.person or ""
