"""Forecast runs: a team's inputs are read and simulated in the worker, and the result is saved."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from rules.calendars.calendars import is_open
from rules.forecasts.chances import PastChance
from rules.forecasts.forecasts import DEFAULT_RUNS, Forecast, ForecastInputs
from rules.forecasts.history import TicketHistory
from rules.forecasts.inputs import TeamAvailability, build_forecast_inputs, people_at_work
from rules.forecasts.learning import HISTORY_SPAN, TeamEstimates, replay_mornings
from rules.forecasts.what_if import WhatIfAction
from services.desk import Desk
from services.forecasts import forecasts
from services.forecasts.forecasts import ForecastRun
from storage.forecasts import (
    deferred_priorities,
    methods_chosen_at,
    open_ticket_histories,
    recent_ticket_histories,
    team_estimates,
)
from storage.people.people import people_who_left
from storage.presence.time_entries import leave_by_person, shifts_by_person

CHOOSE_EVERY = timedelta(days=30)
REPLAYED_AT_ONCE = 4  # mornings in one question to the worker, which answers others in between
FORECAST_FUNCTION = "rules.forecasts.simulation:forecast_with_actions"
ESTIMATES_FUNCTION = "rules.forecasts.learning:learn_team_estimates"
SIMULATION_FUNCTION = "rules.forecasts.simulation:simulated_breaches"
CHANCES_FUNCTION = "rules.forecasts.simulation:forecast_team"
REPLAY_FUNCTION = "rules.forecasts.replay:replay"
CHOICE_FUNCTION = "rules.forecasts.selection:choose_method"
COMPARISON_RUNS = 500  # enough to compare two plans, with the same random draws


async def learn_from_history(desk: Desk) -> int:
    """Estimates every team's times from the last year; how many tickets they come from."""
    count = 0
    for team in desk.policy.teams:
        histories = await desk.read_in_worker(recent_ticket_histories, team, since=desk.clock() - HISTORY_SPAN)
        estimates: TeamEstimates = await desk.compute(ESTIMATES_FUNCTION, desk.policy, team, histories, desk.clock())
        await desk.execute(forecasts.save_estimates, team, estimates)
        count += estimates.resolved_count
    return count


async def choose_methods(desk: Desk) -> int:
    """Once a month, which chance each team is told: by a backtest on its own history; how many outcomes it rests on."""
    now, chosen_at = desk.clock(), await desk.read(methods_chosen_at)
    if chosen_at is not None and chosen_at > now - CHOOSE_EVERY:
        return 0
    past = {team: await _replay(desk, team, now) for team in desk.policy.teams}
    whole_desk = [one for of_team in past.values() for one in of_team]
    if whole_desk:
        methods = {team: await desk.compute(CHOICE_FUNCTION, own, whole_desk) for team, own in past.items()}
        await desk.execute(forecasts.save_chance_methods, methods)
    return len(whole_desk)


async def _replay(desk: Desk, team: str, now: datetime) -> list[PastChance]:
    histories = await desk.read_in_worker(recent_ticket_histories, team, since=now - 2 * HISTORY_SPAN)
    mornings, past = replay_mornings(desk.policy, team, histories, now), list[PastChance]()
    for start in range(0, len(mornings), REPLAYED_AT_ONCE):
        some = mornings[start : start + REPLAYED_AT_ONCE]
        past += await desk.compute(REPLAY_FUNCTION, desk.policy, team, histories, some, now)
    return past


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
    """Expected breaches now, and if each ticket (by team) had the given assignee: the simulated difference."""
    before = after = 0.0
    for team, assignee_of in assignees.items():
        _, inputs = await _forecast_inputs(desk, team, runs=COMPARISON_RUNS)
        tasks = (replace(task, assignee=assignee_of.get(task.number, task.assignee)) for task in inputs.tasks)
        now: Forecast = await desk.compute(CHANCES_FUNCTION, inputs)
        moved: float = await desk.compute(SIMULATION_FUNCTION, replace(inputs, tasks=tuple(tasks)))
        expected = now.breaches + now.without_worker
        gain = await desk.compute(SIMULATION_FUNCTION, inputs) - moved
        before, after = before + expected, after + max(expected - gain, 0.0)
    return before, after


async def _forecast_inputs(
    desk: Desk, team: str, runs: int = DEFAULT_RUNS
) -> tuple[list[TicketHistory], ForecastInputs]:
    now, policy = desk.clock(), desk.policy
    histories = await desk.read_in_worker(open_ticket_histories, team)
    estimates = await desk.read(team_estimates, team)
    people = people_at_work(policy, team, histories)
    departed = await desk.read(people_who_left, people)
    on_hold = frozenset(await desk.read(deferred_priorities, team, at=now))
    leave = await desk.read(leave_by_person, people, at=now)
    shifts = await desk.read(shifts_by_person, people, at=now)

    availability = TeamAvailability(departed, leave, shifts)
    facts = (policy, team, histories, estimates, now)
    inputs = await asyncio.to_thread(
        build_forecast_inputs, *facts, availability=availability, paused_priorities=on_hold
    )
    return histories, replace(inputs, runs=runs)


async def settle_all_predictions(desk: Desk) -> int:
    return await desk.execute_in_batches(forecasts.settle_predictions, size=forecasts.PREDICTIONS_PER_TRANSACTION)
