"""Heavy computing in another process, which is there only while it is needed."""

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any, Final

from bot.runtime.compute_worker import LENGTH, Answer, framed
from rules.errors import DeskError

log = logging.getLogger("baton.reckoning")

WITHIN: Final = 20.0
IDLE: Final = 120.0
ATTEMPTS: Final = 2
GONE: Final = (asyncio.IncompleteReadError, ConnectionError)
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class TooLong(DeskError):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"This took longer than {seconds:g} s to work out and was given up. Ask for less, or later.")


class Died(DeskError):
    def __init__(self) -> None:
        super().__init__("What works this out stopped in the middle, twice. Whoever runs Baton finds why in its log.")


class Reckoner:
    """Runs a pure function by its name: `await reckon("rules.forecasts.simulation:outlook", values)`.

    One question at a time. numpy and matplotlib are loaded over there and never here, and their memory returns when
    nobody has asked for a while. A plain process rather than a pool of multiprocessing's: that one leaves its workers
    behind when this process is killed, and a tracker of 12 MB when they end (docs/decisions/0008-computing-aside.md).
    """

    def __init__(self, *, within: float = WITHIN, idle: float = IDLE) -> None:
        self.within = within
        self._idle = idle
        self._turn = asyncio.Lock()
        self._worker: Process | None = None
        self._resting: asyncio.Task[None] | None = None
        self._stopped = False

    async def __call__(self, name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
        """Its answer, or what it raised. TooLong and Died are sentences for the person."""
        question = framed(pickle.dumps((name, values)))
        try:
            async with asyncio.timeout(self.within), self._turn:
                answer = await self._asked(question)
        except TimeoutError:
            raise TooLong(self.within) from None
        return answer.opened()

    async def stop(self) -> None:
        """The worker ends, whatever it does; who still waits for an answer reads Died."""
        self._stopped = True
        if self._resting is not None:
            self._resting.cancel()
        _kill(self._worker)
        async with self._turn:
            await self._drop()

    async def _asked(self, question: bytes) -> Answer:
        """A worker that died is replaced once: it may have been ended from outside, or by this very question."""
        if self._resting is not None:
            self._resting.cancel()
        for _ in range(ATTEMPTS):
            if self._stopped:
                break
            try:
                answer = await self._exchanged(question)
            except GONE:
                log.warning("The worker that computes aside has died")
            else:
                self._resting = asyncio.create_task(self._rest(), name="reckoning rests")
                return answer
        raise Died

    async def _exchanged(self, question: bytes) -> Answer:
        """A question given up ends its worker, so that its answer is not taken for that of the next one."""
        answered = False
        try:
            worker = await self._at_work()
            answer = await _answer_of(worker, question)
            answered = True
        finally:
            if not answered:
                await self._drop()
        return answer

    async def _at_work(self) -> Process:
        if self._worker is not None and self._worker.returncode is not None:
            await self._drop()
        if self._worker is None:
            self._worker = await _started()
        return self._worker

    async def _rest(self) -> None:
        """After a while without questions the worker goes, and its memory with it."""
        await asyncio.sleep(self._idle)
        async with self._turn:
            await self._drop()

    async def _drop(self) -> None:
        worker, self._worker = self._worker, None
        _kill(worker)
        if worker is not None:
            await worker.communicate()


def _kill(worker: Process | None) -> None:
    if worker is not None and worker.returncode is None:
        worker.kill()


async def _started() -> Process:
    """It finds modules where this process does. What libraries print goes to our own stderr."""
    path = os.pathsep.join(place or os.getcwd() for place in sys.path)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from bot.runtime.compute_worker import work; work()",
        stdin=PIPE,
        stdout=PIPE,
        env=os.environ | ONE_THREAD | {"PYTHONPATH": path},
    )


async def _answer_of(worker: Process, question: bytes) -> Answer:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(question)
    await worker.stdin.drain()
    (length,) = LENGTH.unpack(await worker.stdout.readexactly(LENGTH.size))
    answer: Answer = pickle.loads(await worker.stdout.readexactly(length))
    return answer
