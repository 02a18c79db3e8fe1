"""The cost of one forecast of a large team, and of the search for actions that would help."""

import time
from collections.abc import Callable

from bench.tables import table_lines
from rules.forecasts import simulation
from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod
from rules.model.tickets import Priority
from rules.workload.handling_time import Estimate

TICKETS, PEOPLE, TYPES, TICKETS_PER_UNASSIGNED = 300, 10, 7, 10  # one ticket in ten is unassigned
HOUR_SECONDS, DAY_SECONDS, DAYS, ROUNDS = 3600, 86_400, 28, 3
WORKDAYS = 5
NOW = 8 * HOUR_SECONDS  # a Monday of the first week


def report_lines() -> list[str]:
    """The lines to print: the best of a few, in milliseconds."""
    team = _team_inputs()
    rows = [
        (label, TICKETS, PEOPLE, f"{team.runs:,}", f"{_best_ms(forecast, team):,.0f}")
        for label, forecast in (("the outlook", simulation.forecast_team), ("what would help", simulation.find_actions))
    ]
    return table_lines(("", "tickets", "people", "runs", "ms"), rows)


def _best_ms(forecast: Callable[[ForecastInputs], object], team: ForecastInputs) -> float:
    durations = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        forecast(team)
        durations.append(time.perf_counter() - began)
    return min(durations) * 1000


def _team_inputs() -> ForecastInputs:
    """Each person works eight hours a day, five days a week, and has about four days of work."""
    mornings = [day * DAY_SECONDS + NOW for day in range(DAYS) if day % 7 < WORKDAYS]
    opening = tuple(WorkPeriod(morning, morning + 8 * HOUR_SECONDS) for morning in mornings)
    workers = tuple(Worker(f"U{index}", opening) for index in range(PEOPLE))
    return ForecastInputs(NOW, tuple(_forecast_task(number) for number in range(TICKETS)), workers, opening)


def _forecast_task(number: int) -> ForecastTask:
    assignee = f"U{number % PEOPLE}" if number // PEOPLE % TICKETS_PER_UNASSIGNED else None
    priority = list(Priority)[number % len(Priority)]
    handling_time = Estimate(50, (20 + 10 * (number % TYPES)) * 60, 1.0)
    due_at = NOW + (1 + number % 8) * DAY_SECONDS
    return ForecastTask(
        number, f"type{number % TYPES}", priority, assignee, due_at, handling_time, Estimate(50, 4 * HOUR_SECONDS, 1.5)
    )
