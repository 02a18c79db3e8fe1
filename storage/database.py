"""The database: one writer thread that commits in groups, and readers beside it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from rules.errors import DeskError
from storage.writer import Writer

T = TypeVar("T")

SQLITE = "sqlite"
_EVERY = ("foreign_keys=ON", "busy_timeout=5000", "temp_store=MEMORY", "cache_size=-8192")
_WRITER = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000")


def nobody_counts(deeds: int) -> None:
    """Who hears how many deeds shared a commit, until somebody wants to."""


class BadAddress(DeskError):
    """DATABASE_URL names no database that Baton can use."""


def parse(address: str) -> URL:
    """The database's URL, with the driver Baton reads through; a wrong one is named with its remedy."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise BadAddress(
            "DATABASE_URL is not a database address. Use sqlite+aiosqlite:///baton.db or "
            "postgresql+asyncpg://user:password@host/name."
        ) from None
    kind = url.get_backend_name()
    if kind not in (SQLITE, "postgresql"):
        raise BadAddress(f"DATABASE_URL names {kind}; Baton keeps its data in SQLite or PostgreSQL.")
    return url.set(drivername="sqlite+aiosqlite" if kind == SQLITE else "postgresql+asyncpg")


class Database:
    """All writing goes through `write`, all reading through `read` or, if it may take long, `read_aside`."""

    def __init__(self, address: str) -> None:
        self.url = parse(address)
        self.is_sqlite = self.url.get_backend_name() == SQLITE
        self._readers: AsyncEngine | None = None
        self._aside: Engine | None = None
        self._writer: Writer | None = None
        self.group_committed: Callable[[int], None] = nobody_counts

    def start(self) -> None:
        """Opens the writer's thread and the readers; the schema is brought up to date by `migrations.upgrade`."""
        self._writer = Writer(writing_engine(self.url), told=self._count)
        self._readers = _reading_engine(self.url)
        self._aside = _aside_engine(self.url)

    def _count(self, deeds: int) -> None:
        self.group_committed(deeds)

    async def stop(self) -> None:
        """Lets the writer finish what it was given, then closes both sides."""
        if self._writer is not None:
            await asyncio.to_thread(self._writer.stop)
        if self._readers is not None:
            await self._readers.dispose()
        if self._aside is not None:
            await asyncio.to_thread(self._aside.dispose)

    async def write(self, body: Callable[[Connection], T], *, within: float | None = None) -> T:
        """What `body` returns, once it is committed. NotSaved after `within` seconds, and then nothing is saved."""
        if self._writer is None:
            raise RuntimeError("The database is not started.")
        return await self._writer.write(body, within=within)

    async def read(self, body: Callable[[Connection], T]) -> T:
        """What `body` returns, read beside the writer; it sees everything acknowledged so far."""
        if self._readers is None:
            raise RuntimeError("The database is not started.")
        async with self._readers.connect() as connection:
            return await connection.run_sync(body)

    async def read_in_worker(self, body: Callable[[Connection], T]) -> T:
        """`read` in a thread of its own: while thousands of rows become values, everybody else is answered."""
        return await asyncio.to_thread(self._read_aside, body)

    def _read_aside(self, body: Callable[[Connection], T]) -> T:
        if self._aside is None:
            raise RuntimeError("The database is not started.")
        with self._aside.connect() as connection:
            return body(connection)


def writing_engine(url: URL) -> Engine:
    """One synchronous connection for the writer's thread, for migrations and for the command line."""
    if url.get_backend_name() != SQLITE:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=1)
    engine = create_engine(url.set(drivername="sqlite"), connect_args={"check_same_thread": False}, pool_size=1)

    @event.listens_for(engine, "connect")
    def prepare(raw: DBAPIConnection, _record: object) -> None:
        raw.isolation_level = None
        _pragmas(raw, (*_EVERY, *_WRITER))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _reading_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != SQLITE:
        return create_async_engine(url, pool_size=4, max_overflow=4)
    engine = create_async_engine(url, pool_size=3, max_overflow=1)
    event.listen(engine.sync_engine, "connect", _only_reads)
    return engine


def _aside_engine(url: URL) -> Engine:
    """Connects when it is first asked; its connections go from thread to thread."""
    if url.get_backend_name() != SQLITE:
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=1)
    sqlite = url.set(drivername="sqlite")
    engine = create_engine(sqlite, connect_args={"check_same_thread": False}, pool_size=1, max_overflow=1)
    event.listen(engine, "connect", _only_reads)
    return engine


def _only_reads(raw: DBAPIConnection, _record: object) -> None:
    _pragmas(raw, (*_EVERY, "query_only=ON"))


def _pragmas(raw: DBAPIConnection, lines: tuple[str, ...]) -> None:
    cursor = raw.cursor()
    for line in lines:
        cursor.execute(f"PRAGMA {line}")
    cursor.close()


def shown(url: URL) -> str:
    """The address without its password, for messages and logs."""
    return url.render_as_string(hide_password=True)
