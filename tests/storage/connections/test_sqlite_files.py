"""SQLite's files belong to their owner alone, and the write-ahead log does not stay as large as it once was."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text

from storage.database import Database
from storage.migrations.migrate import upgrade_schema
from storage.schema.tickets import Workspace

LIMIT = 32 * 1024 * 1024


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


def keep_busy(connection: Connection) -> None:
    connection.execute(text("UPDATE workspaces SET last_number = last_number + 1"))


async def test_a_new_database_is_its_owners_alone(tmp_path: Path, usual_umask: None) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path}/baton.db"
    upgrade_schema(address)
    database = Database(address)
    database.start()
    await database.write(keep_busy)

    assert modes(tmp_path) == dict.fromkeys(("baton.db", "baton.db-wal", "baton.db-shm"), "0o600")
    await database.stop()


async def test_a_database_of_an_older_version_becomes_its_owners_alone(tmp_path: Path, usual_umask: None) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path}/baton.db"
    upgrade_schema(address)
    (tmp_path / "baton.db").chmod(0o644)

    upgrade_schema(address)

    assert modes(tmp_path) == {"baton.db": "0o600"}


async def test_the_log_of_a_large_transaction_is_given_back(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.start()

    def write_much(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE much (words TEXT)"))
        connection.execute(text("INSERT INTO much VALUES (hex(zeroblob(:bytes)))"), {"bytes": LIMIT})

    await database.write(write_much)
    large = await database.sizes()
    await database.write(lambda connection: connection.execute(text("INSERT INTO much VALUES ('more')")).rowcount)

    small = await database.sizes()
    assert large["wal"] > LIMIT >= small["wal"]
    await database.stop()


async def test_a_database_says_how_large_it_is(database_url: str) -> None:
    database = Database(database_url)
    database.start()
    await database.read(lambda connection: list(connection.scalars(select(Workspace.workspace_id))))

    sizes = await database.sizes()

    assert sizes["database"] > 100_000
    await database.stop()
