"""Long-lived tasks: one that ends is started again, and one that cannot live ends the process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

from bot import metrics
from rules.errors import Refused
from rules.text import Code, Duration, Text, _
from services.health import Health
from storage.connections.outages import outage_of

STOP_TIMEOUT_SECONDS: Final = 2.0  # a post that is cut off is looked up after the next start
REPORTED_FAILURES: Final = 3  # ended by one accident, a task is there again before anybody could ask
TASK_SOURCE: Final = "task "

log = logging.getLogger("baton.tasks")

Run = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a task that ends is started again, in seconds.

    The pauses double from the first to the longest. A task that lived for `steady` is well. One that was never well for
    `give_up` is given up.
    """

    first_pause: float = 0.1
    longest_pause: float = 5.0
    steady: float = 10.0
    give_up: float = 300.0

    def pause(self, failures: int) -> float:
        return min(self.longest_pause, self.first_pause * 2.0 ** min(failures - 1, 10))


class TaskGivenUp(Refused):
    """The process ends, so that whatever runs it starts it anew."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            _(
                "The task {name} failed for {span} and is given up, so Baton ends. Its log says why.",
                name=Code(name),
                span=Duration(seconds),
            )
        )


class TaskEnded(Exception):
    """A task that lives as long as the process returned."""


@dataclass(slots=True)
class _SupervisedTask:
    name: str
    run: Run
    is_vital: bool
    task: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None
    failures: int = 0
    failing_since: float = 0.0
    is_stopping: bool = False


class Supervisor:
    """Keeps tasks alive. All its waiting is by the event loop's clock, which no one can set."""

    def __init__(self, health: Health, *, patience: Patience | None = None) -> None:
        self.health = health
        self.on_give_up: Callable[[], None] = lambda: None
        self.given_up: TaskGivenUp | None = None
        self._patience = patience or Patience()

    @asynccontextmanager
    async def supervise(
        self, name: str, run: Run, *, stop: Callable[[], Awaitable[None]] | None = None, is_vital: bool = False
    ) -> AsyncIterator[None]:
        """The task lives inside this block. On exit `stop` tells it to end; what does not, within
        STOP_TIMEOUT_SECONDS, is cancelled. Without a vital task this process is not ready."""
        supervised = _SupervisedTask(name, run, is_vital)
        self._start(supervised)
        try:
            yield
        finally:
            supervised.is_stopping = True
            await self._end(supervised, stop)

    def _start(self, supervised: _SupervisedTask) -> None:
        supervised.task = asyncio.create_task(supervised.run(), name=supervised.name)
        supervised.task.add_done_callback(partial(self._on_end, supervised))
        supervised.timer = asyncio.get_running_loop().call_later(self._patience.steady, self._on_steady, supervised)
        metrics.set_task_alive(supervised.name, alive=True)

    def _on_steady(self, supervised: _SupervisedTask) -> None:
        supervised.failures = 0
        self.health.clear(TASK_SOURCE + supervised.name)

    def _on_end(self, supervised: _SupervisedTask, task: asyncio.Task[None]) -> None:
        """Called whatever ended it: an error, a cancellation, its own return."""
        metrics.set_task_alive(supervised.name, alive=False)
        _cancel_timer(supervised)
        error = _error_of(task)
        if supervised.is_stopping:
            return
        loop = asyncio.get_running_loop()
        supervised.failures += 1
        if supervised.failures == 1:
            supervised.failing_since = loop.time()
        pause = self._patience.pause(supervised.failures)
        log.error("The task %s ended and starts again in %.1f s", supervised.name, pause, exc_info=error)
        self.health.restarts[supervised.name] += 1
        metrics.count_task_restart(supervised.name)
        if supervised.failures >= REPORTED_FAILURES:
            self.health.report(
                TASK_SOURCE + supervised.name, _failing_text(supervised.name, error), is_unready=supervised.is_vital
            )
        failing = loop.time() - supervised.failing_since
        if failing >= self._patience.give_up and not _is_outage(error):
            self._give_up(supervised, failing)
        else:
            supervised.timer = loop.call_later(pause, self._start, supervised)

    def _give_up(self, supervised: _SupervisedTask, failing: float) -> None:
        self.given_up = self.given_up or TaskGivenUp(supervised.name, failing)
        log.critical("%s", self.given_up)
        self.on_give_up()

    async def _end(self, supervised: _SupervisedTask, stop: Callable[[], Awaitable[None]] | None) -> None:
        _cancel_timer(supervised)
        assert supervised.task is not None
        try:
            if stop is not None:
                await stop()
                await asyncio.wait({supervised.task}, timeout=STOP_TIMEOUT_SECONDS)
        finally:
            supervised.task.cancel()
            await asyncio.gather(supervised.task, return_exceptions=True)
            self.health.clear(TASK_SOURCE + supervised.name)


def _cancel_timer(supervised: _SupervisedTask) -> None:
    if supervised.timer is not None:
        supervised.timer.cancel()


def _error_of(task: asyncio.Task[None]) -> BaseException:
    if task.cancelled():
        return asyncio.CancelledError()
    return task.exception() or TaskEnded("It returned.")


def _failing_text(name: str, error: BaseException) -> Text:
    return _("The task {name} fails again and again ({error}).", name=Code(name), error=type(error).__name__)


def _is_outage(error: BaseException) -> bool:
    """Something outside is not there or refuses, and a new process would not find it otherwise."""
    return isinstance(error, OSError | ClientError | SlackApiError | Refused) or outage_of(error) is not None
