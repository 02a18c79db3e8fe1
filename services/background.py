"""What is finished after the person was answered, and heavy computing aside."""

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

log = logging.getLogger("baton.errands")


class BackgroundTasks:
    """Runs them beside everything else, and knows which are still under way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Nobody waits for it: what it has to say, it says itself."""
        task = asyncio.create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def wait_until_done(self) -> None:
        """Until none is under way."""
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self, timeout_seconds: float) -> None:
        """Those under way may end; what takes longer is cut off."""
        if self._running:
            await asyncio.wait(self._running, timeout=timeout_seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("An errand failed", exc_info=error)


class ComputeWorker(Protocol):
    """Who computes it: `await desk.reckon("rules.forecasts.simulation:forecast_team", values)`."""

    def __call__(self, name: str, *values: object) -> Awaitable[Any]: ...


async def run_in_thread(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
    """Beside the event loop, in this process: for tests and the command line. Baton at work has another process."""
    return await asyncio.to_thread(import_function(name), *values)


def import_function(name: str) -> Callable[..., Any]:
    """The function that `module:function` names; its module may be one that this process else never imports."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found
