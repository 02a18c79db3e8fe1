"""One process of Baton, in a thread with a loop of its own: it can be stopped dead in the middle of anything."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any, TypeVar

from bot.runtime.assembly import Baton, assemble_baton
from bot.settings import Settings
from bot.slack.socket_mode import open_socket_mode
from services.background import run_in_thread
from tests.desks import HeldClock

T = TypeVar("T")


class Process:
    """Once killed, no task of it does another thing: each wakes up to its own cancellation."""

    def __init__(self, settings: Settings, clock: HeldClock) -> None:
        self._settings = settings
        self._clock = clock
        self._dying = Event()
        self._loop = asyncio.new_event_loop()
        self._ready: Future[Baton] = Future()
        self._left = asyncio.Event()
        self._commits_left: int | None = None
        self._thread = Thread(target=self._run, name="baton", daemon=True)
        self._thread.start()

    @property
    def is_dying(self) -> bool:
        return self._dying.is_set()

    async def ready(self) -> Baton:
        return await asyncio.wrap_future(self._ready)

    async def run(self, work: Callable[[Baton], Coroutine[Any, Any, T]]) -> T | None:
        """What the coroutine answers inside the process; None when it is killed meanwhile."""
        if self._dying.is_set():
            return None
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(self._ready.result()), self._loop))
        except asyncio.CancelledError:
            if not self._dying.is_set():
                raise
            return None

    def kill(self) -> None:
        if not self.is_dying:
            self._dying.set()
            self._loop.call_soon_threadsafe(self._loop.stop)

    def kill_after_commits(self, count: int) -> None:
        """Dead after that many commits from now, before anybody hears of the last."""
        self._commits_left = count

    async def buried(self) -> None:
        await asyncio.to_thread(self._thread.join)

    async def stop(self) -> None:
        """As SIGTERM does."""
        if not self.is_dying:
            self._loop.call_soon_threadsafe(self._left.set)
        await self.buried()

    def _run(self) -> None:
        living = self._loop.create_task(self._live())
        living.add_done_callback(lambda _: self.is_dying or self._loop.stop())
        self._loop.run_forever()
        while tasks := asyncio.all_tasks(self._loop):
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _live(self) -> None:
        try:
            async with (
                assemble_baton(self._settings, clock=self._clock, monotonic=self._clock.monotonic, pace=0) as baton,
                open_socket_mode(baton.app, self._settings, baton.desk.health) as line,
            ):
                baton.desk.compute = run_in_thread
                baton.desk.database.on_group_commit = self._on_commit
                await line.connect()
                self._ready.set_result(baton)
                await self._left.wait()
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    def _on_commit(self, _size: int) -> None:
        if self._commits_left is not None:
            self._commits_left -= 1
            if self._commits_left == 0:
                self.kill()
