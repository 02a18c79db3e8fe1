"""What is finished after the person was answered, such as a picture for their answer."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("baton.errands")


class Errands:
    """Runs them beside everything else, and knows which are still under way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        """Nobody waits for it: what it has to say, it says itself."""
        task = asyncio.create_task(errand)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settled(self) -> None:
        """Until none is under way."""
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self, within: float) -> None:
        """Those under way may end; what takes longer is cut off."""
        if self._running:
            await asyncio.wait(self._running, timeout=within)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("An errand failed", exc_info=error)
