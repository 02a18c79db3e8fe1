"""Heavy computing happens in another process, which comes when needed and goes when not."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvloop

from bot.runtime.compute import ComputationTimeout, ComputeWorker, WorkerDied
from rules.errors import Refused
from tests.desks import HeldClock, opened_office

FOREVER = "signal:pause"
PATIENCE = 10
KILLED = """
import asyncio, os, signal
from bot.runtime.compute import ComputeWorker

async def ask() -> None:
    worker = ComputeWorker()
    print(await worker("os:getpid"), flush=True)
    endless = asyncio.create_task(worker("signal:pause"))
    await asyncio.wait([endless], timeout=0.2)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(ask())
"""
LOADED = """
import sys
import bot.runtime.assembly, bot.cli.main, bot.runtime.jobs, bot.runtime.run, bot.runtime.compute, handlers.routes
print(sorted({"numpy", "matplotlib"} & set(sys.modules)))
"""


@pytest.fixture
async def reckon() -> AsyncIterator[ComputeWorker]:
    reckoner = ComputeWorker(timeout_seconds=PATIENCE)
    yield reckoner
    await reckoner.stop()


def ended(pid: int) -> bool:
    """Whether that process ends within some seconds; this waits for it."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    poll = select.poll()
    poll.register(watched, select.POLLIN)
    found = bool(poll.poll(PATIENCE * 1000))
    os.close(watched)
    return found


async def test_a_function_is_computed_elsewhere(reckon: ComputeWorker) -> None:
    there = await reckon("os:getpid")

    assert there != os.getpid()
    assert await reckon("operator:add", [1], [2]) == [1, 2]
    assert await reckon("os:getpid") == there


async def test_many_questions_are_answered_one_after_another(reckon: ComputeWorker) -> None:
    answers = await asyncio.gather(*(reckon("operator:mul", number, 2) for number in range(20)))

    assert answers == [number * 2 for number in range(20)]


async def test_what_it_raises_is_raised_here_with_where_it_happened(reckon: ComputeWorker) -> None:
    with pytest.raises(ZeroDivisionError) as error:
        await reckon("operator:truediv", 1, 0)

    assert "compute_worker.py" in error.value.__notes__[0]


async def test_a_refusal_keeps_its_sentence(reckon: ComputeWorker) -> None:
    with pytest.raises(Refused, match=r"#3 is not Ana's\."):
        await reckon("tests.bot.reckoned:refuse")


async def test_what_a_library_prints_is_no_answer(reckon: ComputeWorker) -> None:
    assert await reckon("tests.bot.reckoned:chat") == "answered"


async def test_a_large_answer_arrives_whole(reckon: ComputeWorker) -> None:
    assert len(await reckon("operator:mul", b"x" * 1024, 4096)) == 4 * 1024 * 1024


async def test_a_worker_that_dies_in_the_middle_is_replaced_once(reckon: ComputeWorker, tmp_path: Path) -> None:
    assert await reckon("tests.bot.reckoned:dies_once", str(tmp_path / "died")) == "survived"


async def test_a_question_that_kills_every_worker_ends_in_a_sentence(reckon: ComputeWorker) -> None:
    with pytest.raises(WorkerDied, match="stopped in the middle, twice"):
        await reckon("os:abort")

    assert await reckon("operator:neg", 1) == -1


async def test_a_worker_killed_while_it_rests_is_not_missed(reckon: ComputeWorker) -> None:
    first = await reckon("os:getpid")
    os.kill(first, signal.SIGKILL)
    assert ended(first)

    assert await reckon("os:getpid") != first


async def test_what_takes_too_long_is_given_up_in_a_sentence_and_its_process_with_it() -> None:
    reckon = ComputeWorker(timeout_seconds=PATIENCE)
    worker = await reckon("os:getpid")
    reckon.timeout_seconds = 0.05

    with pytest.raises(ComputationTimeout, match=r"took longer than 0\.05 s"):
        await reckon(FOREVER)

    assert ended(worker)
    await reckon.stop()


async def test_the_answer_to_a_question_given_up_is_not_taken_for_the_next_ones(reckon: ComputeWorker) -> None:
    await reckon("os:getpid")
    given_up = asyncio.create_task(reckon("operator:add", 1, 1))
    await asyncio.wait([given_up], timeout=0)
    given_up.cancel()

    assert await reckon("operator:add", 2, 2) == 4


async def test_nobody_stays_when_nobody_asks() -> None:
    reckon = ComputeWorker(idle_seconds=0)
    worker = await reckon("os:getpid")
    await asyncio.wait([reckon._idle_timer] if reckon._idle_timer else [])

    assert ended(worker)
    assert await reckon("os:getpid") != worker
    await reckon.stop()


async def test_a_stop_ends_what_is_being_computed() -> None:
    reckon = ComputeWorker()
    worker = await reckon("os:getpid")
    endless = asyncio.create_task(reckon(FOREVER))
    await asyncio.wait([endless], timeout=0.05)

    await reckon.stop()

    assert ended(worker)
    with pytest.raises(WorkerDied):
        await endless


async def test_batons_desk_computes_elsewhere_until_it_stops(database_url: str, clock: HeldClock) -> None:
    async with opened_office(database_url, clock, with_worker=True) as office:
        worker = await office.desk.compute("os:getpid")
        assert worker != os.getpid()

    assert ended(worker)


def test_a_killed_baton_leaves_nobody_behind() -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], check=False, capture_output=True, text=True, timeout=30)

    assert killed.returncode == -signal.SIGKILL
    assert ended(int(killed.stdout))


def test_it_works_on_the_loop_that_baton_runs_on() -> None:
    async def asked() -> tuple[int, str]:
        reckon = ComputeWorker()
        answer = await reckon("operator:add", 1, 2)
        with pytest.raises(WorkerDied) as died:
            await reckon("os:abort")
        await reckon.stop()
        return answer, str(died.value)

    assert uvloop.run(asked())[0] == 3


def test_numpy_and_matplotlib_are_never_loaded_here() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)

    assert loaded.stdout.strip() == "[]"


def test_a_worker_that_cannot_read_its_requests_ends_instead_of_hanging() -> None:
    command = [sys.executable, "-c", "from bot.runtime.compute_worker import answer_requests; answer_requests()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        assert worker.stdin is not None
        worker.stdin.write(b"\xff" * 8)  # the length of no request
        worker.stdin.flush()

        assert ended(worker.pid)
        worker.kill()
