"""One thread that writes: operations that wait share one COMMIT, and are answered after it."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.connections.outages import NotSaved, outage_of

T = TypeVar("T")

MAX_TRIES = 3
STOP_TIMEOUT_SECONDS = 5.0

log = logging.getLogger("baton.writer")


class _Stage(Enum):
    WAITING = 1
    COMMITTING = 2
    GIVEN_UP = 3


class _PendingWrite:
    """One operation in the queue. Giving up and committing race for the same lock, so exactly one of them wins."""

    def __init__(self, body: Callable[[Connection], Any], future: asyncio.Future[Any]) -> None:
        self.body = body
        self.future = future
        self.stage = _Stage.WAITING
        self.lock = threading.Lock()
        self.result: Any = None
        self.error: BaseException | None = None

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
            self.future.set_exception(_answer_of(self.error))


class Writer:
    """Owns one connection; an operation that fails does not fail the others of its group."""

    def __init__(self, engine: Engine, *, group_size: int, on_commit: Callable[[int], None]) -> None:
        self._engine = engine
        self._group_size = group_size
        self._on_commit = on_commit
        self._queue: SimpleQueue[_PendingWrite | None] = SimpleQueue()
        self._thread = self._start_thread()

    def revive(self) -> None:
        """Gives the queue another thread when the one it had has ended."""
        if not self.is_alive:
            self._thread = self._start_thread()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

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
        """What waits is done first. A thread that hangs on the database is left behind after STOP_TIMEOUT_SECONDS."""
        self.revive()
        self._queue.put(None)
        self._thread.join(STOP_TIMEOUT_SECONDS)
        self._engine.dispose()

    def _start_thread(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="writer", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            try:
                self._commit(group)
                self._on_commit(len(group))
            except BaseException as error:  # the callers hear of it, and the thread goes on
                _fail(group, error)
            for loop in {waiting.future.get_loop() for waiting in group}:
                with suppress(RuntimeError):  # an event loop that has ended has no callers left
                    loop.call_soon_threadsafe(_resolve_futures, loop, group)

    def _next_group(self) -> list[_PendingWrite] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < self._group_size:
            try:
                next_write = self._queue.get_nowait()
            except Empty:
                break
            if next_write is None:
                self._queue.put(None)
                break
            group.append(next_write)
        return group

    def _commit(self, group: list[_PendingWrite]) -> None:
        """Runs the group in one transaction, at most MAX_TRIES times.

        When one operation fails, or gave up meanwhile, all is rolled back and the rest run again, each in a savepoint.
        A lost connection, a deadlock or a full disk means another try; then each caller gets the error.
        """
        tries, run_group = 0, _run_all
        while tries < MAX_TRIES:
            pending = [waiting for waiting in group if waiting.stage is not _Stage.GIVEN_UP]
            try:
                with self._engine.connect() as connection, connection.begin() as transaction:
                    succeeded = run_group(connection, pending)
                    if succeeded and all(waiting.advance_to(_Stage.COMMITTING) for waiting in pending):
                        return
                    if transaction.is_active:  # a failed flush has rolled it back
                        transaction.rollback()
                run_group = _run_in_savepoints
            except DBAPIError as error:
                tries += 1
                for waiting in pending:
                    waiting.error = error
                if tries == MAX_TRIES:
                    log.error("%d operations are not saved: %s", len(pending), error.orig)
        for waiting in group:
            waiting.advance_to(_Stage.COMMITTING)


def _fail(group: Sequence[_PendingWrite], error: BaseException) -> None:
    for waiting in group:
        if waiting.advance_to(_Stage.COMMITTING):
            waiting.error = error


def _resolve_futures(loop: asyncio.AbstractEventLoop, group: Sequence[_PendingWrite]) -> None:
    for waiting in group:
        if waiting.future.get_loop() is loop:
            waiting.resolve_future()


def _run_all(connection: Connection, pending: Sequence[_PendingWrite]) -> bool:
    """False as soon as one fails. Most groups have no failing operation, and savepoints would cost all of them."""
    try:
        for waiting in pending:
            waiting.error, waiting.result = None, waiting.body(connection)
    except BaseException as error:  # its own caller gets it after all were run again
        if _ends_transaction(error):
            raise
        return False
    return True


def _run_in_savepoints(connection: Connection, pending: Sequence[_PendingWrite]) -> bool:
    """Each in its own savepoint: a failing operation rolls back alone, and its caller gets this very error."""
    for waiting in pending:
        waiting.error = None
        savepoint = connection.begin_nested()
        try:
            waiting.result = waiting.body(connection)
            savepoint.commit()
        except BaseException as error:  # its own caller gets it
            if _ends_transaction(error):
                raise
            if savepoint.is_active:
                savepoint.rollback()
            waiting.error = error
    return True


def _ends_transaction(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and outage_of(error) is not None


def _answer_of(error: BaseException) -> Exception:
    """What the caller of a failed operation gets; a future takes no StopIteration, and nobody else's SystemExit."""
    outage = outage_of(error)
    if outage is None and isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    unnamed = RuntimeError(f"The operation raised {type(error).__name__}.")
    answer = unnamed if outage is None else NotSaved(outage)
    answer.__cause__ = error
    return answer
