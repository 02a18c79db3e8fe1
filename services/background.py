"""Work that goes on after the person was answered, and heavy computing beside the event loop."""

import asyncio
import importlib
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any, Protocol
from uuid import uuid4

from rules.errors import Refused
from rules.text import Text, _

log = logging.getLogger("baton.background")

Notify = Callable[[Text | str], Awaitable[object]]
NOTIFY_TIMEOUT_SECONDS = 2.0  # of a person whose task is cut off when the process stops
STOPPED_TEXT = _("Baton was stopped before this was done. Please ask again in a minute.")


class BackgroundTasks:
    """Coroutines that run beside everything else, until they are done or the process stops."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[Any, Any, None], *, notify: Notify | None) -> None:
        """`notify` tells the person who waits for it why it was not done; None where nobody waits.

        It does not inherit the time limit of the request that starts it.
        """
        task = asyncio.create_task(_run_task(coroutine, notify), context=Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def wait_until_done(self) -> None:
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self, timeout_seconds: float) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=timeout_seconds)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


async def _run_task(coroutine: Coroutine[Any, Any, None], notify: Notify | None) -> None:
    try:
        await coroutine
    except asyncio.CancelledError:
        await _notify_of_failure(notify, STOPPED_TEXT)
        raise
    except Refused as refusal:
        await _notify_of_failure(notify, refusal.text)
    except Exception as error:  # whatever it is, the person who waits reads of it
        await _notify_of_failure(notify, report_unexpected(error))


async def _notify_of_failure(notify: Notify | None, text: Text | str) -> None:
    if notify is None:
        return
    try:
        async with asyncio.timeout(NOTIFY_TIMEOUT_SECONDS):
            await notify(text)
    except Exception as error:  # Slack may be the very thing that failed
        log.warning("Nobody could be told that a background task failed: %s", type(error).__name__)


def report_unexpected(error: Exception) -> Text:
    """The sentence for the person, with the reference under which the error is in the log."""
    reference = uuid4().hex[:8]
    log.error("Unexpected error %s", reference, exc_info=error)
    return _(
        "Something went wrong on our side (reference {reference}). Try again, or tell your administrator.",
        reference=reference,
    )


_COMPUTING = threading.Lock()


class ComputeWorker(Protocol):
    """Computes a pure function by its name: `await desk.compute("module:function", values)`."""

    def __call__(self, name: str, *values: object) -> Awaitable[Any]: ...


async def run_in_thread(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
    """In this process: for tests and the command line. The running bot computes in another process."""
    return await asyncio.to_thread(_compute_alone, name, *values)


def _compute_alone(name: str, *values: object) -> Any:  # noqa: ANN401 - whatever that function answers
    """What draws pictures ends the process when two threads use it at once."""
    with _COMPUTING:
        return import_function(name)(*values)


def import_function(name: str) -> Callable[..., Any]:
    module, _, function_name = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), function_name)
    return function
