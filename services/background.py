"""Work that goes on after the person was answered, and heavy computing beside the event loop."""

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

log = logging.getLogger("baton.errands")


class BackgroundTasks:
    """Coroutines that run beside everything else, until they are done or the process stops."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def wait_until_done(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self, timeout_seconds: float) -> None:
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
    """Computes a pure function by its name: `await desk.compute("module:function", values)`."""

    def __call__(self, name: str, *values: object) -> Awaitable[Any]: ...


async def run_in_thread(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
    """In this process: for tests and the command line. The running bot computes in another process."""
    return await asyncio.to_thread(import_function(name), *values)


def import_function(name: str) -> Callable[..., Any]:
    module, _, function_name = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), function_name)
    return function
