"""Of several processes on one PostgreSQL, one leads: it holds an advisory lock for as long as its connection lives."""

import asyncio
import hashlib
import logging
from typing import Any

import asyncpg

from storage.database import Database

PATIENCE = 5.0

log = logging.getLogger("baton.leader")


class Leader:
    """Whether this process leads a workspace's jobs. On SQLite it always does: there is no other process."""

    def __init__(self, database: Database, workspace: str) -> None:
        self.leads = False
        self._url = None if database.is_sqlite else database.url
        self._key = int.from_bytes(hashlib.sha256(f"baton:{workspace}".encode()).digest()[:8], "big", signed=True)
        self._connection: Any = None

    async def check(self) -> bool:
        """True when it has just begun to lead; a lost connection has lost the lock with it."""
        before = self.leads
        try:
            async with asyncio.timeout(PATIENCE):
                self.leads = await self._holds()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.leave()
            log.warning("The lock of the jobs cannot be asked for (%s).", type(error).__name__)
        if before != self.leads:
            log.info("This process %s the jobs.", "leads" if self.leads else "no longer leads")
        return self.leads and not before

    def leave(self) -> None:
        """The connection is closed, and with it the lock is free for another process at once."""
        self.leads = False
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _holds(self) -> bool:
        if self._url is None:
            return True
        if self._connection is None:
            _, address = self._url.get_dialect()().create_connect_args(self._url)
            self._connection = await asyncpg.connect(**address)
        # a lock that is held already would be held twice: asked for once, then only whether the connection lives
        question = "SELECT true" if self.leads else f"SELECT pg_try_advisory_lock({self._key})"
        return bool(await self._connection.fetchval(question))
