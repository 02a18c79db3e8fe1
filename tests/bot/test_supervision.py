"""Long-lived tasks: whatever ends one, it is started again, and what is wrong is seen."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.exc import OperationalError

from bot import metrics
from bot.supervision import Patience, Supervisor
from rules.errors import Refused
from rules.model.health import HealthState
from services.health import Health
from tests.bot.written import written
from tests.desks import HeldClock
from tests.patience import PATIENCE_SECONDS

AT_ONCE = Patience(first_pause=0, longest_pause=0)
HOPELESS = Patience(first_pause=0, longest_pause=0, give_up=0)


class Loop:
    """A task that counts its lives. Each of the first ones ends as told; the next one lives on."""

    def __init__(self, *ends: Callable[[], Awaitable[None]]) -> None:
        self.ends = list(ends)
        self.lives = 0
        self.lives_on = asyncio.Event()

    async def __call__(self) -> None:
        self.lives += 1
        if self.ends:
            await self.ends.pop(0)()
            return
        self.lives_on.set()
        await asyncio.Event().wait()


async def fails() -> None:
    raise ValueError("half way")


async def returns() -> None:
    return


async def is_cancelled() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def has_no_database() -> None:
    raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))


async def is_refused() -> None:
    raise Refused("Slack refuses SLACK_APP_TOKEN (token_revoked).")


def restarts(name: str) -> float:
    page = metrics.render_metrics().decode()
    found = [line for line in page.splitlines() if line.startswith(f'baton_task_restarts_total{{task="{name}"}}')]
    return float(found[0].rpartition(" ")[2]) if found else 0


@pytest.mark.parametrize("end", [fails, returns, is_cancelled])
async def test_a_task_that_ended_is_started_again_logged_and_counted(
    clock: HeldClock, end: Callable[[], Awaitable[None]]
) -> None:
    health, loop, before = Health(clock), Loop(end), restarts("tested")
    with written() as page:
        async with Supervisor(health, patience=AT_ONCE).supervise("tested", loop):
            await loop.lives_on.wait()
            alive = 'baton_task_alive{task="tested"} 1.0' in metrics.render_metrics().decode()

        assert "The task tested ended and starts again" in page()
    assert (loop.lives, alive, restarts("tested") - before, health.restarts) == (2, True, 1, {"tested": 1})


async def test_a_task_that_fails_again_and_again_is_shown_until_it_lives_on(clock: HeldClock) -> None:
    health, loop = Health(clock), Loop(fails, fails, fails)
    async with Supervisor(health, patience=AT_ONCE).supervise("tested", loop):
        await loop.lives_on.wait()
        shown = [str(reason.sentence) for reason in health.reasons]

    assert shown == ["The task `tested` fails again and again (ValueError)."]
    assert health.state is HealthState.OK


async def test_a_task_that_lives_on_is_well_again(clock: HeldClock) -> None:
    health, loop = Health(clock), Loop(fails, fails, fails)
    patience = Patience(first_pause=0, longest_pause=0, steady=0.1)
    async with Supervisor(health, patience=patience).supervise("tested", loop), asyncio.timeout(PATIENCE_SECONDS):
        await loop.lives_on.wait()
        while health.reasons:  # noqa: ASYNC110
            await asyncio.sleep(0)

    assert health.state is HealthState.OK


@pytest.mark.parametrize(("is_vital", "state"), [(True, HealthState.UNREADY), (False, HealthState.DEGRADED)])
async def test_without_a_vital_task_the_process_is_not_ready(
    clock: HeldClock, is_vital: bool, state: HealthState
) -> None:
    health, loop = Health(clock), Loop(fails, fails, fails)
    async with Supervisor(health, patience=AT_ONCE).supervise("tested", loop, is_vital=is_vital):
        await loop.lives_on.wait()

        assert health.state is state


async def test_a_task_that_cannot_live_is_given_up(clock: HeldClock) -> None:
    supervisor, given_up = Supervisor(Health(clock), patience=HOPELESS), asyncio.Event()
    supervisor.on_give_up = given_up.set
    loop = Loop(fails)
    async with supervisor.supervise("tested", loop):
        await given_up.wait()

    assert loop.lives == 1
    assert str(supervisor.given_up).startswith("The task `tested` failed for 0 s and is given up, so Baton ends.")


@pytest.mark.parametrize("end", [has_no_database, is_refused])
async def test_a_task_is_not_given_up_because_of_something_outside(
    clock: HeldClock, end: Callable[[], Awaitable[None]]
) -> None:
    loop = Loop(*[end] * 5)
    async with (supervisor := Supervisor(Health(clock), patience=HOPELESS)).supervise("tested", loop):
        await loop.lives_on.wait()

    assert (loop.lives, supervisor.given_up) == (6, None)


async def test_a_task_that_is_told_to_stop_ends_by_itself(clock: HeldClock) -> None:
    ending, before = asyncio.Event(), restarts("tested")
    ended = []

    async def run() -> None:
        await ending.wait()
        ended.append("by itself")

    async def stop() -> None:
        ending.set()

    async with Supervisor(Health(clock)).supervise("tested", run, stop=stop):
        pass

    assert (ended, restarts("tested") - before) == (["by itself"], 0)


def test_the_pauses_between_two_lives_double_up_to_the_longest() -> None:
    assert [Patience().pause(failures) for failures in (1, 2, 3, 6, 7, 1000)] == [0.1, 0.2, 0.4, 3.2, 5.0, 5.0]
