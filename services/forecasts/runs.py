"""Looking ahead: a team's situation is read, simulated aside, and what is to be expected of it is kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from rules.calendars.calendars import is_open
from rules.forecasts.forecasts import DEFAULT_RUNS, Forecast, ForecastInputs
from rules.forecasts.inputs import TeamEstimates, TicketHistory, build_forecast_inputs
from rules.forecasts.what_if import WhatIfAction
from services.desk import Desk
from services.forecasts import forecasts
from services.forecasts.forecasts import ForecastRun
from storage.forecasts import (
    deferred_priorities,
    open_ticket_histories,
    people_who_left,
    recent_ticket_histories,
    team_estimates,
)
from storage.presence.presence import leave_by_person
from storage.presence.shifts import shifts_by_person

HISTORY_SPAN = timedelta(days=90)
FORECAST_FUNCTION, ESTIMATES_FUNCTION, SIMULATION_FUNCTION = (
    "rules.forecasts.simulation:forecast_with_actions",
    "rules.forecasts.inputs:learn_team_estimates",
    "rules.forecasts.simulation:forecast_team",
)
COMPARISON_RUNS = 500  # enough to compare two ways, with the same luck


async def learn_from_history(desk: Desk) -> int:
    """What the last three months teach of every team's tickets; how many tickets they were learned from."""
    taught = 0
    for team in desk.policy.teams:
        known = await desk.read_in_worker(recent_ticket_histories, team, since=desk.clock() - HISTORY_SPAN)
        found: TeamEstimates = await desk.compute(ESTIMATES_FUNCTION, desk.policy, team, known, desk.clock())
        await desk.execute(forecasts.save_estimates, team, found)
        taught += found.resolved_count
    return taught


async def run_forecasts(desk: Desk) -> int:
    """Every team that is at work now; how many were looked at."""
    at_work = [team for team in desk.policy.teams if is_open(desk.policy.team_calendar(team), desk.clock())]
    for team in at_work:
        await run_forecast(desk, team)
    return len(at_work)


async def run_forecast(desk: Desk, team: str) -> None:
    """The team's outlook as things stand now, kept as its newest."""
    known, stands = await _forecast_inputs(desk, team)
    ahead: tuple[Forecast, tuple[WhatIfAction, ...]] = await desk.compute(FORECAST_FUNCTION, stands)
    promised = {one.number: one.timer.total_s for one in known if one.timer is not None}
    await desk.execute(forecasts.save_forecast, ForecastRun.from_run(team, stands, ahead, promised))


async def expected_breaches(desk: Desk, given: Mapping[str, Mapping[int, str | None]]) -> tuple[float, float]:
    """How many promises are expected to break as it stands, and if each of these tickets (by team) had that holder."""
    before = after = 0.0
    for team, holders in given.items():
        _, stands = await _forecast_inputs(desk, team, runs=COMPARISON_RUNS)
        tasks = (replace(task, assignee=holders.get(task.number, task.assignee)) for task in stands.tasks)
        outlooks = [
            await desk.compute(SIMULATION_FUNCTION, one) for one in (stands, replace(stands, tasks=tuple(tasks)))
        ]
        before, after = before + outlooks[0].breaches, after + outlooks[1].breaches
    return before, after


async def _forecast_inputs(
    desk: Desk, team: str, runs: int = DEFAULT_RUNS
) -> tuple[list[TicketHistory], ForecastInputs]:
    """The team's open tickets, and its situation, as of now."""
    now, policy = desk.clock(), desk.policy
    known = await desk.read_in_worker(open_ticket_histories, team)
    history = await desk.read(team_estimates, team)
    left = await desk.read(people_who_left, policy.team(team).people)
    waits = frozenset(await desk.read(deferred_priorities, team, at=now))
    away = await desk.read(leave_by_person, policy.team(team).people, at=now)
    own = await desk.read(shifts_by_person, policy.team(team).people, at=now)

    def stands() -> ForecastInputs:
        return build_forecast_inputs(
            policy,
            team,
            known,
            history,
            now,
            gone=left,
            paused_priorities=waits,
            leaves=away,
            own_shifts=own,
            runs=runs,
        )

    return known, await asyncio.to_thread(stands)


async def settle_all_predictions(desk: Desk) -> int:
    """Every chance whose fate is known is held against it, a few at a time; how many were."""
    done = some = await desk.execute(forecasts.settle_predictions)
    while some >= forecasts.PREDICTIONS_PER_TRANSACTION:
        some = await desk.execute(forecasts.settle_predictions)
        done += some
    return done
