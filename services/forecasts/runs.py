"""Forecast runs: a team's inputs are read and simulated in the worker, and the result is saved."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from rules.calendars.calendars import is_open
from rules.forecasts.forecasts import DEFAULT_RUNS, Forecast, ForecastInputs
from rules.forecasts.inputs import TeamAvailability, TeamEstimates, TicketHistory, build_forecast_inputs
from rules.forecasts.what_if import WhatIfAction
from services.desk import Desk
from services.forecasts import forecasts
from services.forecasts.forecasts import ForecastRun
from storage.forecasts import deferred_priorities, open_ticket_histories, recent_ticket_histories, team_estimates
from storage.people.people import people_who_left
from storage.presence.time_entries import leave_by_person, shifts_by_person

HISTORY_SPAN = timedelta(days=90)
FORECAST_FUNCTION = "rules.forecasts.simulation:forecast_with_actions"
ESTIMATES_FUNCTION = "rules.forecasts.inputs:learn_team_estimates"
SIMULATION_FUNCTION = "rules.forecasts.simulation:forecast_team"
COMPARISON_RUNS = 500  # enough to compare two plans, with the same random draws


async def learn_from_history(desk: Desk) -> int:
    """Estimates every team's times from the last three months; how many tickets they come from."""
    count = 0
    for team in desk.policy.teams:
        histories = await desk.read_in_worker(recent_ticket_histories, team, since=desk.clock() - HISTORY_SPAN)
        estimates: TeamEstimates = await desk.compute(ESTIMATES_FUNCTION, desk.policy, team, histories, desk.clock())
        await desk.execute(forecasts.save_estimates, team, estimates)
        count += estimates.resolved_count
    return count


async def run_forecasts(desk: Desk) -> int:
    at_work = [team for team in desk.policy.teams if is_open(desk.policy.team_calendar(team), desk.clock())]
    for team in at_work:
        await run_forecast(desk, team)
    return len(at_work)


async def run_forecast(desk: Desk, team: str) -> None:
    histories, inputs = await _forecast_inputs(desk, team)
    simulated: tuple[Forecast, tuple[WhatIfAction, ...]] = await desk.compute(FORECAST_FUNCTION, inputs)
    sla_seconds = {history.number: history.timer.total_s for history in histories if history.timer is not None}
    await desk.execute(forecasts.save_forecast, ForecastRun.from_run(team, inputs, simulated, sla_seconds))


async def expected_breaches(desk: Desk, assignees: Mapping[str, Mapping[int, str | None]]) -> tuple[float, float]:
    """Expected breaches now, and if each ticket (by team) had the given assignee."""
    before = after = 0.0
    for team, assignee_of in assignees.items():
        _, inputs = await _forecast_inputs(desk, team, runs=COMPARISON_RUNS)
        tasks = (replace(task, assignee=assignee_of.get(task.number, task.assignee)) for task in inputs.tasks)
        before += (await desk.compute(SIMULATION_FUNCTION, inputs)).breaches
        after += (await desk.compute(SIMULATION_FUNCTION, replace(inputs, tasks=tuple(tasks)))).breaches
    return before, after


async def _forecast_inputs(
    desk: Desk, team: str, runs: int = DEFAULT_RUNS
) -> tuple[list[TicketHistory], ForecastInputs]:
    now, policy = desk.clock(), desk.policy
    histories = await desk.read_in_worker(open_ticket_histories, team)
    estimates = await desk.read(team_estimates, team)
    departed = await desk.read(people_who_left, policy.team(team).people)
    on_hold = frozenset(await desk.read(deferred_priorities, team, at=now))
    leave = await desk.read(leave_by_person, policy.team(team).people, at=now)
    shifts = await desk.read(shifts_by_person, policy.team(team).people, at=now)

    availability = TeamAvailability(departed, leave, shifts)
    facts = (policy, team, histories, estimates, now)
    inputs = await asyncio.to_thread(
        build_forecast_inputs, *facts, availability=availability, paused_priorities=on_hold
    )
    return histories, replace(inputs, runs=runs)


async def settle_all_predictions(desk: Desk) -> int:
    return await desk.execute_in_batches(forecasts.settle_predictions, size=forecasts.PREDICTIONS_PER_TRANSACTION)
