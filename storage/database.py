"""The database: one writer thread that commits in groups, and readers beside it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

import asyncpg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from rules.errors import Refused
from storage.connections.outages import NotRead, NotSaved, Outage, outage_of
from storage.connections.pooling import DIRECT_DRIVER, POOLED_DRIVER
from storage.connections.running_reads import RunningReads
from storage.connections.sqlite_files import file_identity, file_sizes, keep_private
from storage.connections.writer import Writer

T = TypeVar("T")

log = logging.getLogger("baton.database")

SQLITE, POSTGRESQL = "sqlite", "postgresql"
FILE: Final = "file"  # in what a connection remembers: which file it has open
# asyncpg's own errors while it connects are not SQLAlchemy's
_DRIVER_ERRORS: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError)
CONNECTION_ERRORS: Final = (OSError, TimeoutError, NotRead, *_DRIVER_ERRORS)
VALUES_PER_QUERY = 500
WORKER_CONNECTIONS = 8
# On PostgreSQL other processes write too. A group would hold the locks of all its tickets until its commit, and with
# another group deadlock: on eight tickets two processes saved 19 operations a second together, one alone 269.
GROUP_SIZES = {SQLITE: 128, POSTGRESQL: 1}
_UNPREPARED: Final = {"prepare_threshold": None}
ABANDONED_AFTER_SECONDS: Final = 5
# libpq's: a server that vanished is given up within seconds instead of hours
_KEEPALIVE: Final = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
_COMMON_PRAGMAS = ("foreign_keys=ON", "busy_timeout=5000", "temp_store=MEMORY", "cache_size=-8192")
_WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
    "journal_size_limit=33554432",  # bytes: the log of one large transaction stayed at 127 MB
)


def ignore_group_size(size: int) -> None:
    """Until metrics are attached."""


class InvalidDatabaseUrl(Refused):
    """DATABASE_URL does not name a database that Baton can use."""


def parse_database_url(address: str) -> URL:
    """The URL with the driver that Baton reads through. InvalidDatabaseUrl names the remedy."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise InvalidDatabaseUrl(
            "DATABASE_URL is not a database address. Use sqlite+aiosqlite:///baton.db or "
            "postgresql+asyncpg://user:password@host/name."
        ) from None
    kind = url.get_backend_name()
    if kind not in (SQLITE, POSTGRESQL):
        raise InvalidDatabaseUrl(f"DATABASE_URL names {kind}; Baton keeps its data in SQLite or PostgreSQL.")
    return url.set(drivername="sqlite+aiosqlite" if kind == SQLITE else DIRECT_DRIVER)


class Database:
    """Writes go through `write`, reads through `read` or, if they may take long, `read_in_worker`.

    `is_pooled` when a pooler lends it PostgreSQL's connections by transaction.
    """

    def __init__(self, address: str, *, is_pooled: bool = False) -> None:
        url = parse_database_url(address)
        self.url = url.set(drivername=POOLED_DRIVER) if is_pooled else url
        self.is_sqlite = self.url.get_backend_name() == SQLITE
        self._readers: AsyncEngine | None = None
        self._worker_engine: Engine | None = None
        self._writer: Writer | None = None
        self._running_reads = RunningReads()
        self._last_outage: Outage | None = None
        self.on_group_commit: Callable[[int], None] = ignore_group_size

    def start(self) -> None:
        """The tables must be up to date before: see `migrate.upgrade_schema`."""
        group_size = GROUP_SIZES[self.url.get_backend_name()]
        engine = create_writer_engine(self.url)
        if self.url.drivername == DIRECT_DRIVER:
            event.listen(engine, "connect", _end_abandoned_transactions)
        self._writer = Writer(engine, group_size=group_size, on_commit=self._report_group)
        self._readers = _create_reader_engine(self.url)
        self._worker_engine = _create_worker_engine(self.url)

    def _report_group(self, size: int) -> None:
        self.on_group_commit(size)

    async def stop(self) -> None:
        """What waits to be written is written; reads under way are cancelled."""
        await self._running_reads.cancel()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.stop)
        if self._readers is not None:
            await self._readers.dispose()
        if self._worker_engine is not None:
            await asyncio.to_thread(self._worker_engine.dispose)

    @property
    def is_writer_alive(self) -> bool:
        return self._writer is not None and self._writer.is_alive

    def revive_writer(self) -> None:
        """Its thread is started again when it has ended; what waited in its queue is done."""
        if self._writer is not None:
            self._writer.revive()

    async def write(self, body: Callable[[Connection], T], *, timeout_seconds: float | None = None) -> T:
        """What `body` returns, once it is committed. NotSaved after the timeout, and then nothing is saved."""
        if self._writer is None:
            raise RuntimeError("The database is not started.")
        try:
            return await self._writer.write(body, timeout_seconds=timeout_seconds)
        except NotSaved as refusal:
            if refusal.outage is not Outage.BUSY:
                self._last_outage = refusal.outage
            raise

    def take_outage(self) -> Outage | None:
        """The last outage that kept an operation from being saved since this was asked; being busy is none."""
        outage, self._last_outage = self._last_outage, None
        return outage

    async def read(self, body: Callable[[Connection], T]) -> T:
        """What `body` returns, read beside the writer; it sees everything acknowledged so far.

        It is read once more when the connection was lost; NotRead when there is none then.
        """
        return await self._read_again_when_lost(partial(self._read, body))

    async def read_in_worker(self, body: Callable[[Connection], T]) -> T:
        """`read` in a thread of its own, so that the event loop is free while thousands of rows become values."""
        return await self._read_again_when_lost(partial(asyncio.to_thread, self._read_in_worker, body))

    async def sizes(self) -> dict[str, int]:
        """Bytes of the database, and of SQLite's write-ahead log."""
        if self.is_sqlite:
            return file_sizes(self.url)
        size = "SELECT pg_database_size(current_database())"
        return {"database": await self.read(lambda connection: int(connection.exec_driver_sql(size).scalar_one()))}

    async def _read(self, body: Callable[[Connection], T]) -> T:
        if self._readers is None:
            raise RuntimeError("The database is not started.")
        async with self._readers.connect() as connection:
            return await connection.run_sync(self._run_read, body)

    def _read_in_worker(self, body: Callable[[Connection], T]) -> T:
        if self._worker_engine is None:
            raise RuntimeError("The database is not started.")
        with self._worker_engine.connect() as connection:
            return self._run_read(connection, body)

    def _run_read(self, connection: Connection, body: Callable[[Connection], T]) -> T:
        with self._running_reads.remember(connection.connection.driver_connection):
            return body(connection)

    async def _read_again_when_lost(self, read: Callable[[], Awaitable[T]]) -> T:
        try:
            return await read()
        except CONNECTION_ERRORS as error:
            if self._running_reads.are_cancelled:
                raise NotRead from error
            if outage_of(error) is not Outage.DISCONNECTED:
                raise
        try:
            return await read()
        except CONNECTION_ERRORS as error:
            if outage_of(error) is not Outage.DISCONNECTED:
                raise
            log.warning("The database cannot be read (%s).", type(error).__name__)
            raise NotRead from error


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one statement should name."""
    return (values[start : start + VALUES_PER_QUERY] for start in range(0, len(values), VALUES_PER_QUERY))


def create_writer_engine(url: URL) -> Engine:
    """One synchronous connection for the writer's thread, for migrations and for the command line."""
    if url.get_backend_name() != SQLITE:
        return _create_psycopg_engine(url)
    engine = _create_sqlite_engine(url)

    @event.listens_for(engine, "do_connect")
    def prepare_files(*_: object) -> None:
        keep_private(url)

    @event.listens_for(engine, "connect")
    def prepare(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        raw.isolation_level = None
        _run_pragmas(raw, (*_COMMON_PRAGMAS, *_WRITER_PRAGMAS))
        record.info[FILE] = file_identity(url)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """What is written to a file that was removed is gone when the process ends: SQLite itself does not notice."""
        if file_identity(url) != connection.info[FILE]:
            raise NotSaved(Outage.MOVED)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _end_abandoned_transactions(raw: DBAPIConnection, _record: object) -> None:
    """The server ends the transaction of a process that was stopped in the middle of it: others wait for its locks."""
    cursor = raw.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{ABANDONED_AFTER_SECONDS}s'")
    cursor.close()
    raw.commit()


def _create_reader_engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != SQLITE:
        return _create_async_postgresql_engine(url, pool_size=4, max_overflow=4)
    engine = create_async_engine(url, hide_parameters=True, pool_size=3, max_overflow=1)
    event.listen(engine.sync_engine, "connect", _set_read_only)
    return engine


def create_lease_engine(url: URL) -> AsyncEngine:
    """One connection for the leader's heartbeat on PostgreSQL, which waits neither for the writer nor for readers."""
    return _create_async_postgresql_engine(url, pool_size=1, max_overflow=0)


def _create_worker_engine(url: URL) -> Engine:
    """As many connections as there are long reads at once, so that a short one finds its own."""
    if url.get_backend_name() != SQLITE:
        return _create_psycopg_engine(url, pool_pre_ping=True, max_overflow=WORKER_CONNECTIONS - 1)
    engine = _create_sqlite_engine(url, max_overflow=WORKER_CONNECTIONS - 1)
    event.listen(engine, "connect", _set_read_only)
    return engine


def _create_psycopg_engine(url: URL, *, pool_pre_ping: bool = False, max_overflow: int = 1) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        connect_args=_KEEPALIVE | (_UNPREPARED if url.drivername == POOLED_DRIVER else {}),
        pool_size=1,
        max_overflow=max_overflow,
        pool_pre_ping=pool_pre_ping,
    )
    event.listen(engine, "handle_error", _drop_detail)
    return engine


def _create_async_postgresql_engine(url: URL, *, pool_size: int, max_overflow: int) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        connect_args=_UNPREPARED if url.drivername == POOLED_DRIVER else {},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
    )


def _create_sqlite_engine(url: URL, *, max_overflow: int = 1) -> Engine:
    sqlite, options = url.set(drivername="sqlite"), {"check_same_thread": False}
    return create_engine(sqlite, hide_parameters=True, connect_args=options, pool_size=1, max_overflow=max_overflow)


def _drop_detail(context: ExceptionContext) -> None:
    """PostgreSQL quotes the row that it refuses, and errors reach the log: what people wrote may not."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


def _set_read_only(raw: DBAPIConnection, _record: object) -> None:
    _run_pragmas(raw, (*_COMMON_PRAGMAS, "query_only=ON"))


def _run_pragmas(raw: DBAPIConnection, lines: tuple[str, ...]) -> None:
    cursor = raw.cursor()
    for line in lines:
        cursor.execute(f"PRAGMA {line}")
    cursor.close()


def masked_url(url: URL) -> str:
    return url.render_as_string(hide_password=True)
