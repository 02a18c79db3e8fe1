"""One thread that writes: whoever waits shares one COMMIT, and is answered after it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from rules.errors import Refused

T = TypeVar("T")

MAX_GROUP_SIZE = 128
MAX_TRIES = 3


class NotSaved(Refused):
    """The deed was given up before its commit: nothing of it is saved."""

    def __init__(self) -> None:
        super().__init__("Nothing was saved: the desk is busy just now. Please try again in a moment.")


class _Stage(Enum):
    WAITING = 1
    COMMITTING = 2
    GIVEN_UP = 3


class _PendingWrite:
    """One deed in the queue. Giving up and committing race for the same lock, so exactly one of them wins."""

    def __init__(self, body: Callable[[Connection], Any], future: asyncio.Future[Any]) -> None:
        self.body = body
        self.future = future
        self.stage = _Stage.WAITING
        self.lock = threading.Lock()
        self.result: Any = None
        self.error: Exception | None = None

    def advance_to(self, stage: _Stage) -> bool:
        with self.lock:
            if self.stage is _Stage.WAITING:
                self.stage = stage
            return self.stage is stage

    def give_up(self) -> None:
        if not self.future.done() and self.advance_to(_Stage.GIVEN_UP):
            self.future.set_exception(NotSaved())

    def resolve_future(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns one connection; a deed that fails takes nobody else's with it."""

    def __init__(self, engine: Engine, *, on_commit: Callable[[int], None]) -> None:
        self._engine = engine
        self._on_commit = on_commit
        self._queue: SimpleQueue[_PendingWrite | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def write(self, body: Callable[[Connection], T], *, timeout_seconds: float | None) -> T:
        """What the body returned, after its commit; NotSaved when it could not commit in time.

        The body may run more than once before the commit, so it acts on its connection alone.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        waiting = _PendingWrite(body, answer)
        timer = None if timeout_seconds is None else loop.call_later(timeout_seconds, waiting.give_up)
        self._queue.put(waiting)
        try:
            return await answer
        finally:
            if timer is not None:
                timer.cancel()

    def stop(self) -> None:
        """Ends the thread after everything that was queued before."""
        self._queue.put(None)
        self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)
            self._on_commit(len(group))
            for loop in {waiting.future.get_loop() for waiting in group}:
                with suppress(RuntimeError):  # a loop that has ended has nobody left to be told
                    loop.call_soon_threadsafe(_resolve_futures, loop, group)

    def _next_group(self) -> list[_PendingWrite] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < MAX_GROUP_SIZE:
            try:
                more = self._queue.get_nowait()
            except Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            group.append(more)
        return group

    def _commit(self, group: list[_PendingWrite]) -> None:
        """1. Run all in one transaction. 2. If one fails, or gave up meanwhile, roll back and run the rest again, now
        each in a savepoint. 3. Commit. 4. A lost connection or a deadlock: try again, then tell each."""
        tries, run = 0, _run_all
        while tries < MAX_TRIES:
            alive = [waiting for waiting in group if waiting.stage is not _Stage.GIVEN_UP]
            try:
                with self._engine.connect() as connection, connection.begin() as transaction:
                    well = run(connection, alive)
                    if well and all(waiting.advance_to(_Stage.COMMITTING) for waiting in alive):
                        return
                    transaction.rollback()
                run = _run_in_savepoints
            except OperationalError as error:
                tries += 1
                for waiting in alive:
                    waiting.error = error
        for waiting in group:
            waiting.advance_to(_Stage.COMMITTING)


def _resolve_futures(loop: asyncio.AbstractEventLoop, group: Sequence[_PendingWrite]) -> None:
    for waiting in group:
        if waiting.future.get_loop() is loop:
            waiting.resolve_future()


def _run_all(connection: Connection, alive: Sequence[_PendingWrite]) -> bool:
    """False as soon as one fails: most groups have no such deed, and savepoints would cost all of them."""
    try:
        for waiting in alive:
            waiting.error, waiting.result = None, waiting.body(connection)
    except OperationalError:
        raise
    except Exception:  # whatever it is, it is told to its own caller, after all were run again
        return False
    return True


def _run_in_savepoints(connection: Connection, alive: Sequence[_PendingWrite]) -> bool:
    """Each in its own savepoint; a failing deed rolls back alone, and its caller gets this very error."""
    for waiting in alive:
        waiting.error = None
        savepoint = connection.begin_nested()
        try:
            waiting.result = waiting.body(connection)
            savepoint.commit()
        except OperationalError:
            raise
        except Exception as error:  # it travels up to whoever asked for the deed
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            savepoint.rollback()
            waiting.error = error
    return True
