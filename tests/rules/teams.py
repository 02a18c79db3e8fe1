"""A small team of whom every test speaks: Monday is day 0, and people work from eight to four."""

from rules.forecasts.forecasts import ForecastInputs, ForecastTask, TicketForecast, Worker, WorkPeriod, WorkPeriods
from rules.forecasts.simulation import forecast_team
from rules.model.tickets import Priority
from rules.workload.handling_time import Estimate

M, H, DAY = 60, 3600, 86_400
EIGHT = 8 * H
OPENING: WorkPeriods = tuple(WorkPeriod(day * DAY + EIGHT, day * DAY + 16 * H) for day in range(28) if day % 7 < 5)
AT_ONCE = Estimate(0, 1e-6, 0.0)
ANA, BEN = Worker("ana", OPENING), Worker("ben", OPENING)


def at(day: int, hour: float) -> int:
    return int(day * DAY + hour * H)


def exactly(seconds: float) -> Estimate:
    return Estimate(9, seconds, 0.0)


def task(
    number: int,
    effort: Estimate,
    *,
    holder: str | None = "ana",
    due_at: int | None = 5 * DAY,
    pace: Estimate = AT_ONCE,
    priority: Priority = Priority.NORMAL,
    type: str = "network",
) -> ForecastTask:
    return ForecastTask(number, type, priority, holder, due_at, effort, pace)


def team(
    *tasks: ForecastTask, workers: tuple[Worker, ...] = (ANA,), runs: int = 50, now: int = EIGHT
) -> ForecastInputs:
    return ForecastInputs(now, tasks, workers, OPENING, runs=runs)


def chances(situation: ForecastInputs) -> dict[int, TicketForecast]:
    return {one.number: one for one in forecast_team(situation).chances}
