"""Reads that are under way, so that none of them keeps the process from stopping."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from inspect import isawaitable
from sqlite3 import ProgrammingError
from typing import Any, Final

from storage.connections.outages import NotRead

PAUSE_SECONDS: Final = 0.02


class RunningReads:
    """The drivers' own connections that read just now."""

    def __init__(self) -> None:
        self._connections: set[Any] = set()
        self.are_cancelled = False

    @contextmanager
    def remember(self, connection: object) -> Iterator[None]:
        if self.are_cancelled:
            raise NotRead
        self._connections.add(connection)
        try:
            yield
        finally:
            self._connections.discard(connection)

    async def cancel(self) -> None:
        """No other read begins, and those under way fail: at their statement, or at their next."""
        self.are_cancelled = True
        while self._connections:
            for connection in tuple(self._connections):
                with suppress(ValueError, ProgrammingError):  # it was closed meanwhile
                    cancelled = _end_statement(connection)
                    if isawaitable(cancelled):
                        await cancelled
            await asyncio.sleep(PAUSE_SECONDS)


def _end_statement(connection: Any) -> object:  # noqa: ANN401 - of sqlite3, aiosqlite, psycopg or asyncpg
    for name in ("interrupt", "cancel", "terminate"):
        if hasattr(connection, name):
            return getattr(connection, name)()
    raise TypeError(f"{type(connection).__name__} cannot cancel its statement.")
