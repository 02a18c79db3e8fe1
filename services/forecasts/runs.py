"""Looking ahead: a team's situation is read, simulated aside, and what is to be expected of it is kept."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from rules.calendars.calendars import is_open
from rules.forecasts.forecasts import RUNS, Outlook, Situation
from rules.forecasts.inputs import Known, Learned, situation
from rules.forecasts.what_if import Lever
from services.desk import Desk
from services.forecasts import forecasts
from services.forecasts.forecasts import Seen
from storage.forecasts import deferred, gone, history_of, learning_of, open_of
from storage.presence.presence import leaves_of
from storage.presence.shifts import own_shifts

LEARNS_FROM = timedelta(days=90)
LOOK, LEARNED, OUTLOOK = (
    "rules.forecasts.simulation:look",
    "rules.forecasts.inputs:learned",
    "rules.forecasts.simulation:outlook",
)
QUICK_RUNS = 500  # enough to compare two ways, with the same luck


async def learn(desk: Desk) -> int:
    """What the last three months teach of every team's tickets; how many tickets they were learned from."""
    taught = 0
    for team in desk.policy.teams:
        known = await desk.read_in_worker(history_of, team, since=desk.clock() - LEARNS_FROM)
        found: Learned = await desk.compute(LEARNED, desk.policy, team, known, desk.clock())
        await desk.execute(forecasts.learn, team, found)
        taught += found.n
    return taught


async def look_at_all(desk: Desk) -> int:
    """Every team that is at work now; how many were looked at."""
    at_work = [team for team in desk.policy.teams if is_open(desk.policy.calendar_of(team), desk.clock())]
    for team in at_work:
        await look_at(desk, team)
    return len(at_work)


async def look_at(desk: Desk, team: str) -> None:
    """The team's outlook as things stand now, kept as its newest."""
    known, stands = await _stands(desk, team)
    ahead: tuple[Outlook, tuple[Lever, ...]] = await desk.compute(LOOK, stands)
    promised = {one.number: one.clock.total_s for one in known if one.clock is not None}
    await desk.execute(forecasts.keep, Seen.of(team, stands, ahead, promised))


async def with_and_without(desk: Desk, given: Mapping[str, Mapping[int, str | None]]) -> tuple[float, float]:
    """How many promises are expected to break as it stands, and if each of these tickets (by team) had that holder."""
    before = after = 0.0
    for team, holders in given.items():
        _, stands = await _stands(desk, team, runs=QUICK_RUNS)
        tasks = (replace(task, holder=holders.get(task.number, task.holder)) for task in stands.tasks)
        outlooks = [await desk.compute(OUTLOOK, one) for one in (stands, replace(stands, tasks=tuple(tasks)))]
        before, after = before + outlooks[0].breaches, after + outlooks[1].breaches
    return before, after


async def _stands(desk: Desk, team: str, runs: int = RUNS) -> tuple[list[Known], Situation]:
    """The team's open tickets, and its situation, as of now."""
    now, policy = desk.clock(), desk.policy
    known = await desk.read_in_worker(open_of, team)
    history = await desk.read(learning_of, team)
    left = await desk.read(gone, policy.team(team).people)
    waits = frozenset(await desk.read(deferred, team, at=now))
    away = await desk.read(leaves_of, policy.team(team).people, at=now)
    own = await desk.read(own_shifts, policy.team(team).people, at=now)

    def stands() -> Situation:
        return situation(policy, team, known, history, now, gone=left, paused=waits, leaves=away, own=own, runs=runs)

    return known, await asyncio.to_thread(stands)


async def judge_all(desk: Desk) -> int:
    """Every chance whose fate is known is held against it, a few at a time; how many were."""
    done = some = await desk.execute(forecasts.judge)
    while some >= forecasts.JUDGED:
        some = await desk.execute(forecasts.judge)
        done += some
    return done
