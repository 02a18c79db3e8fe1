"""Background tasks: whoever waits for one reads why it was not done, and a stop does not lose it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from rules.errors import Refused
from rules.text import Text
from services.background import BackgroundTasks, run_in_thread


def told_to(read: list[str]) -> Callable[[Text | str], Awaitable[None]]:
    async def notify(text: Text | str) -> None:
        read.append(str(text))

    return notify


_DRAWING = threading.Lock()


def draw_alone() -> bool:
    """Whether nothing else was drawn meanwhile."""
    if not _DRAWING.acquire(blocking=False):
        return False
    sum(range(2_000_000))  # long enough for another thread to get its turn
    _DRAWING.release()
    return True


async def hang() -> None:
    await asyncio.Event().wait()


async def test_a_task_runs_beside_and_is_waited_for_when_asked() -> None:
    tasks, done = BackgroundTasks(), asyncio.Event()

    async def draw() -> None:
        done.set()

    tasks.start(draw(), notify=None)
    assert not done.is_set()
    await tasks.wait_until_done()

    assert done.is_set()


async def test_a_stop_lets_a_task_end_and_the_person_who_waits_for_another_reads_of_it() -> None:
    tasks, read, ended = BackgroundTasks(), list[str](), []

    async def draw() -> None:
        await asyncio.sleep(0)
        ended.append("drawn")

    tasks.start(draw(), notify=told_to(read))
    tasks.start(hang(), notify=told_to(read))
    tasks.start(hang(), notify=None)
    await tasks.stop(timeout_seconds=0.05)

    assert ended == ["drawn"]
    assert read == ["Baton was stopped before this was done. Please ask again in a minute."]


async def test_the_person_who_waits_for_a_task_that_fails_reads_a_reference_that_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks, read = BackgroundTasks(), list[str]()

    async def fail() -> None:
        raise RuntimeError("the worker has no memory")

    tasks.start(fail(), notify=told_to(read))
    await tasks.wait_until_done()

    (text,) = read
    reference = text.partition("reference ")[2][:8]
    assert text.startswith("Something went wrong on our side")
    assert f"Unexpected error {reference}" in caplog.text
    assert "the worker has no memory" in caplog.text


async def test_a_refusal_is_read_as_it_is_and_one_that_cannot_be_told_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks, read = BackgroundTasks(), list[str]()

    async def refuse() -> None:
        raise Refused("That took longer than 20 s.")

    async def slack_is_silent(text: Text | str) -> None:
        raise TimeoutError

    tasks.start(refuse(), notify=told_to(read))
    tasks.start(refuse(), notify=slack_is_silent)
    await tasks.wait_until_done()

    assert read == ["That took longer than 20 s."]
    assert "Nobody could be told that a background task failed: TimeoutError" in caplog.text


async def test_pictures_are_drawn_one_after_the_other() -> None:
    """What draws them ends the process when two threads use it at once."""
    assert all(await asyncio.gather(*(run_in_thread(f"{__name__}:draw_alone") for _ in range(8))))
