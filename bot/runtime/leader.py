"""Of several processes on one PostgreSQL, one leads: it holds an advisory lock while its connection is open."""

import asyncio
import hashlib
import logging
from typing import Any

import asyncpg

from storage.database import Database

LOCK_TIMEOUT_SECONDS = 5.0

log = logging.getLogger("baton.leader")


class Leader:
    """Decides whether this process runs a workspace's jobs. On SQLite it always does: there is no other process."""

    def __init__(self, database: Database, workspace: str) -> None:
        self.is_leader = False
        self._url = None if database.is_sqlite else database.url
        self._key = int.from_bytes(hashlib.sha256(f"baton:{workspace}".encode()).digest()[:8], "big", signed=True)
        self._connection: Any = None

    async def try_to_lead(self) -> bool:
        """True when this process has just become the leader; with its connection it also loses the lock."""
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
        # taking the lock again would hold it twice: once held, only the connection is tested
        query = "SELECT true" if self.is_leader else f"SELECT pg_try_advisory_lock({self._key})"
        return bool(await self._connection.fetchval(query))
