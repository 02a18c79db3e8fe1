"""Of several processes on one PostgreSQL, one leads: it holds a lease, which it renews while it lives."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from math import inf
from time import monotonic
from typing import Final
from uuid import uuid4

from storage.database import CONNECTION_ERRORS, Database, create_lease_engine
from storage.jobs import release_lease, renew_lease

LEASE: Final = timedelta(seconds=6)
HEARTBEAT_SECONDS: Final = 2
ANSWER_TIMEOUT_SECONDS: Final = 2.0

log = logging.getLogger("baton.leader")


class Leader:
    """Decides whether this process runs a workspace's jobs. On SQLite it always does: there is no other process."""

    def __init__(self, database: Database, workspace: str, *, monotonic: Callable[[], float] = monotonic) -> None:
        self._workspace = workspace
        self._process = str(uuid4())
        self._monotonic = monotonic
        self._engine = None if database.is_sqlite else create_lease_engine(database.url)
        self.leads_until = 0.0
        self._is_logged = False

    @property
    def is_leader(self) -> bool:
        """By this process's own clock, so that one that slept through its lease does not act before it asks."""
        return self._monotonic() < self.leads_until

    async def try_to_lead(self) -> bool:
        """Takes or renews the lease; True when this process has just become the leader."""
        was_leader = self.is_leader
        await self._renew()
        if self.is_leader != self._is_logged:
            self._is_logged = self.is_leader
            log.info("This process %s the jobs.", "leads" if self.is_leader else "no longer leads")
        return self.is_leader and not was_leader

    async def resign(self) -> None:
        """Another process may lead at once."""
        self.leads_until = 0.0
        if self._engine is None:
            return
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS), self._engine.begin() as connection:
                await connection.run_sync(release_lease, self._workspace, self._process)
        except CONNECTION_ERRORS as error:
            log.warning("The lease of the jobs is not given back (%s); it ends by itself.", type(error).__name__)
        await self._engine.dispose()

    async def _renew(self) -> None:
        """Without an answer a lease that is held goes on until its end."""
        if self._engine is None:
            self.leads_until = inf
            return
        asked_at = self._monotonic()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS), self._engine.begin() as connection:
                is_held = await connection.run_sync(renew_lease, self._workspace, self._process, lease=LEASE)
        except CONNECTION_ERRORS as error:
            log.warning("The lease of the jobs cannot be renewed (%s).", type(error).__name__)
            return
        self.leads_until = asked_at + LEASE.total_seconds() if is_held else 0.0
