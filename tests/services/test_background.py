"""What is finished after the person was answered: nobody waits for it, and a stop does not lose it."""

import asyncio

import pytest

from services.background import BackgroundTasks


async def test_an_errand_runs_beside_and_is_waited_for_when_asked() -> None:
    errands, done = BackgroundTasks(), asyncio.Event()

    async def draw() -> None:
        done.set()

    errands.start(draw())
    assert not done.is_set()
    await errands.wait_until_done()

    assert done.is_set()


async def test_a_stop_lets_an_errand_end_and_cuts_off_one_that_does_not() -> None:
    errands, ended = BackgroundTasks(), []

    async def draw() -> None:
        await asyncio.sleep(0)
        ended.append("drawn")

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cut off")

    errands.start(draw())
    errands.start(hang())
    await errands.stop(timeout_seconds=0.05)

    assert ended == ["drawn", "cut off"]


async def test_an_errand_that_fails_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    errands = BackgroundTasks()

    async def fail() -> None:
        raise RuntimeError("the disk is full")

    errands.start(fail())
    await errands.wait_until_done()

    assert "the disk is full" in caplog.text
