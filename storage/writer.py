"""One thread that writes: whoever waits shares one COMMIT, and is answered after it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from rules.errors import DeskError

T = TypeVar("T")

GROUP = 128
TRIES = 3


class NotSaved(DeskError):
    """The deed was given up before its commit: nothing of it is saved."""

    def __init__(self) -> None:
        super().__init__("Nothing was saved: the desk is busy just now. Please try again in a moment.")


class _Stage(Enum):
    WAITING = 1
    COMMITTING = 2
    GIVEN_UP = 3


class _Waiting:
    """One deed in the queue. Giving up and committing race for the same lock, so exactly one of them wins."""

    def __init__(self, body: Callable[[Connection], Any]) -> None:
        self.body = body
        self.future: Future[Any] = Future()
        self.stage = _Stage.WAITING
        self.lock = threading.Lock()
        self.result: Any = None
        self.error: Exception | None = None

    def to(self, stage: _Stage) -> bool:
        with self.lock:
            if self.stage is _Stage.WAITING:
                self.stage = stage
            return self.stage is stage

    def answer(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Owns one connection. Each deed runs in its own savepoint: a failing one rolls back alone."""

    def __init__(self, engine: Engine, *, told: Callable[[int], None]) -> None:
        self._engine = engine
        self._told = told
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    async def write(self, body: Callable[[Connection], T], *, within: float | None) -> T:
        """What the body returned, after its commit; NotSaved when it could not commit in time."""
        waiting = _Waiting(body)
        self._queue.put(waiting)
        answer: asyncio.Future[T] = asyncio.wrap_future(waiting.future)
        done, _ = await asyncio.wait({answer}, timeout=within)
        if not done and waiting.to(_Stage.GIVEN_UP):
            answer.cancel()
            raise NotSaved
        return await answer

    def stop(self) -> None:
        """Ends the thread after everything that was queued before."""
        self._queue.put(None)
        self._thread.join()
        self._engine.dispose()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            self._commit(group)
            self._told(len(group))
            for waiting in group:
                waiting.answer()

    def _next_group(self) -> list[_Waiting] | None:
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < GROUP:
            try:
                more = self._queue.get_nowait()
            except Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            group.append(more)
        return group

    def _commit(self, group: list[_Waiting]) -> None:
        """1. Run all in one transaction. 2. Whoever gave up meanwhile forces a rollback, and the rest run again.
        3. Commit. 4. A lost connection or a deadlock rolls everything back: try again, then tell each."""
        tries = 0
        while True:
            alive = [waiting for waiting in group if waiting.stage is not _Stage.GIVEN_UP]
            try:
                with self._engine.connect() as connection, connection.begin() as transaction:
                    for waiting in alive:
                        _run_one(connection, waiting)
                    if not all([waiting.to(_Stage.COMMITTING) for waiting in alive]):
                        transaction.rollback()
                        continue
                return
            except OperationalError as error:
                tries += 1
                if tries == TRIES:
                    for waiting in alive:
                        waiting.to(_Stage.COMMITTING)
                        waiting.error = error
                    return


def _run_one(connection: Connection, waiting: _Waiting) -> None:
    waiting.result = waiting.error = None
    savepoint = connection.begin_nested()
    try:
        waiting.result = waiting.body(connection)
        savepoint.commit()
    except OperationalError:
        raise
    except Exception as error:  # one failing deed leaves the others standing; its caller gets this very error
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        savepoint.rollback()
        waiting.error = error
