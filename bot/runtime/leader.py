"""Of several processes on one PostgreSQL, one leads: it holds an advisory lock for as long as its connection lives."""

import asyncio
import hashlib
import logging
from typing import Any

import asyncpg

from storage.database import Database

LOCK_TIMEOUT_SECONDS = 5.0

log = logging.getLogger("baton.leader")


class Leader:
    """Whether this process leads a workspace's jobs. On SQLite it always does: there is no other process."""

    def __init__(self, database: Database, workspace: str) -> None:
        self.is_leader = False
        self._url = None if database.is_sqlite else database.url
        self._key = int.from_bytes(hashlib.sha256(f"baton:{workspace}".encode()).digest()[:8], "big", signed=True)
        self._connection: Any = None

    async def try_to_lead(self) -> bool:
        """True when it has just begun to lead; a lost connection has lost the lock with it."""
        before = self.is_leader
        try:
            async with asyncio.timeout(LOCK_TIMEOUT_SECONDS):
                self.is_leader = await self._holds_lock()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self.resign()
            log.warning("The lock of the jobs cannot be asked for (%s).", type(error).__name__)
        if before != self.is_leader:
            log.info("This process %s the jobs.", "leads" if self.is_leader else "no longer leads")
        return self.is_leader and not before

    def resign(self) -> None:
        """The connection is closed, and with it the lock is free for another process at once."""
        self.is_leader = False
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _holds_lock(self) -> bool:
        if self._url is None:
            return True
        if self._connection is None:
            _, address = self._url.get_dialect()().create_connect_args(self._url)
            self._connection = await asyncpg.connect(**address)
        # a lock that is held already would be held twice: asked for once, then only whether the connection lives
        question = "SELECT true" if self.is_leader else f"SELECT pg_try_advisory_lock({self._key})"
        return bool(await self._connection.fetchval(question))
