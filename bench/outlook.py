"""What it costs to look ahead: one outlook of a large team, and the search for what would help."""

import time
from collections.abc import Callable

from bench.tables import table
from rules.forecasts import simulation
from rules.forecasts.forecasts import ForecastInputs, ForecastTask, Worker, WorkPeriod
from rules.model.tickets import Priority
from rules.workload.handling_time import Estimate

TICKETS, PEOPLE, TYPES, NOBODYS = 300, 10, 7, 10  # one ticket in ten is nobody's
H, DAY, DAYS, TIMES = 3600, 86_400, 28, 3
NOW = 8 * H  # a Monday of the first week


def measured() -> list[str]:
    """The lines to print: the best of a few, in milliseconds."""
    team = _team()
    rows = [
        (words, TICKETS, PEOPLE, f"{team.runs:,}", f"{_took(work, team):,.0f}")
        for words, work in (("the outlook", simulation.forecast_team), ("what would help", simulation.find_actions))
    ]
    return table(("", "tickets", "people", "runs", "ms"), rows)


def _took(work: Callable[[ForecastInputs], object], team: ForecastInputs) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work(team)
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def _team() -> ForecastInputs:
    """Eight hours a day, five days a week, about four days of work for each."""
    opening = tuple(WorkPeriod(day * DAY + NOW, day * DAY + NOW + 8 * H) for day in range(DAYS) if day % 7 < 5)  # noqa: PLR2004
    workers = tuple(Worker(f"U{index}", opening) for index in range(PEOPLE))
    return ForecastInputs(NOW, tuple(_task(number) for number in range(TICKETS)), workers, opening)


def _task(number: int) -> ForecastTask:
    holder = f"U{number % PEOPLE}" if number // PEOPLE % NOBODYS else None
    priority = list(Priority)[number % len(Priority)]
    effort = Estimate(50, (20 + 10 * (number % TYPES)) * 60, 1.0)
    due_at = NOW + (1 + number % 8) * DAY
    return ForecastTask(number, f"type{number % TYPES}", priority, holder, due_at, effort, Estimate(50, 4 * H, 1.5))
