"""Runs heavy computations in a worker process that exists only while it is needed."""

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any, Final

from bot.runtime.compute_worker import LENGTH_HEADER, WorkerAnswer, frame_message
from rules.errors import Refused

log = logging.getLogger("baton.reckoning")

ANSWER_TIMEOUT_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 120.0
WORKER_ATTEMPTS: Final = 2
CONNECTION_LOST: Final = (asyncio.IncompleteReadError, ConnectionError)
SINGLE_THREAD_ENV: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class ComputationTimeout(Refused):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"This took longer than {seconds:g} s to work out and was given up. Ask for less, or later.")


class WorkerDied(Refused):
    def __init__(self) -> None:
        super().__init__("What works this out stopped in the middle, twice. Whoever runs Baton finds why in its log.")


class ComputeWorker:
    """Runs a pure function by its name: `await worker("rules.forecasts.simulation:forecast_team", values)`.

    One request at a time. numpy and matplotlib are loaded in the worker process only, and their memory is freed when
    the worker has been idle for IDLE_SECONDS. It is a plain process rather than a multiprocessing pool: a pool leaves
    its workers behind when this process is killed, and a tracker of 12 MB when they end
    (docs/decisions/0008-computing-aside.md).
    """

    def __init__(self, *, timeout_seconds: float = ANSWER_TIMEOUT_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self.timeout_seconds = timeout_seconds
        self._idle_seconds = idle_seconds
        self._lock = asyncio.Lock()
        self._process: Process | None = None
        self._idle_timer: asyncio.Task[None] | None = None
        self._stopped = False

    async def __call__(self, name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
        """Raises what the function raised, or ComputationTimeout or WorkerDied, which are sentences for the person."""
        request = frame_message(pickle.dumps((name, values)))
        try:
            async with asyncio.timeout(self.timeout_seconds), self._lock:
                answer = await self._answer_with_retry(request)
        except TimeoutError:
            raise ComputationTimeout(self.timeout_seconds) from None
        return answer.value_or_raise()

    async def stop(self) -> None:
        """Ends the worker process at once; callers that still wait for an answer get WorkerDied."""
        self._stopped = True
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        _kill_process(self._process)
        async with self._lock:
            await self._end_process()

    async def _answer_with_retry(self, request: bytes) -> WorkerAnswer:
        """A worker process that died is replaced once: the cause may lie outside, or be this very request."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        for _ in range(WORKER_ATTEMPTS):
            if self._stopped:
                break
            try:
                answer = await self._exchange(request)
            except CONNECTION_LOST:
                log.warning("The worker that computes aside has died")
            else:
                self._idle_timer = asyncio.create_task(self._end_when_idle(), name="compute worker idle")
                return answer
        raise WorkerDied

    async def _exchange(self, request: bytes) -> WorkerAnswer:
        """A cancelled request ends the process: the next request would otherwise read the answer to this one."""
        try:
            return await _read_answer(await self._running_process(), request)
        except BaseException:
            await self._end_process()
            raise

    async def _running_process(self) -> Process:
        if self._process is not None and self._process.returncode is not None:
            await self._end_process()
        if self._process is None:
            self._process = await _start_process()
        return self._process

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(self._idle_seconds)
        async with self._lock:
            await self._end_process()

    async def _end_process(self) -> None:
        worker, self._process = self._process, None
        _kill_process(worker)
        if worker is not None:
            await worker.communicate()


def _kill_process(worker: Process | None) -> None:
    if worker is not None and worker.returncode is None:
        worker.kill()


async def _start_process() -> Process:
    """The process has the same sys.path as this one, and shares its stderr."""
    path = os.pathsep.join(place or os.getcwd() for place in sys.path)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.runtime.compute_worker import answer_requests; answer_requests()",
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | SINGLE_THREAD_ENV | {"PYTHONPATH": path},
    )


async def _read_answer(worker: Process, request: bytes) -> WorkerAnswer:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(request)
    await worker.stdin.drain()
    (length,) = LENGTH_HEADER.unpack(await worker.stdout.readexactly(LENGTH_HEADER.size))
    answer: WorkerAnswer = pickle.loads(await worker.stdout.readexactly(length))
    return answer
