"""Addresses that are none, and reading aside."""

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, column, insert, select, table, text
from sqlalchemy.exc import IntegrityError, OperationalError

from storage.connections.outages import NotRead
from storage.database import Database, InvalidDatabaseUrl, masked_url, parse_database_url
from storage.schema.tickets import Workspace
from tests.patience import PATIENCE_SECONDS

IDLE_LIMIT = "SHOW idle_in_transaction_session_timeout"
ENDLESS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n % 9 + 1 FROM numbers) SELECT count(*) FROM numbers"
ENROL = insert(Workspace).values(workspace_id="T1", last_number=0, policy_version=0)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    opened.start()
    yield opened
    await opened.stop()


async def test_what_is_read_aside_sees_what_was_acknowledged_from_a_thread_of_its_own(database: Database) -> None:
    await database.write(lambda connection: connection.execute(ENROL).rowcount)

    def look(connection: Connection) -> tuple[list[str], int]:
        return list(connection.scalars(select(Workspace.workspace_id))), threading.get_ident()

    names, thread = await database.read_in_worker(look)

    assert names == ["T1"]
    assert thread != threading.get_ident()


async def test_a_short_read_waits_for_no_long_one(database: Database) -> None:
    began, let_go = threading.Semaphore(0), threading.Event()

    def read_for_long(connection: Connection) -> None:
        began.release()
        let_go.wait(PATIENCE_SECONDS)

    long_reads = [asyncio.create_task(database.read_in_worker(read_for_long)) for _ in range(4)]
    for _ in long_reads:
        assert await asyncio.to_thread(began.acquire, timeout=PATIENCE_SECONDS)

    assert await database.read_in_worker(lambda connection: connection.scalar(select(1))) == 1

    let_go.set()
    await asyncio.gather(*long_reads)


async def test_nothing_is_written_aside_on_sqlite(sqlite_desk: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{sqlite_desk}")
    database.start()

    with pytest.raises(OperationalError, match="readonly"):
        await database.read_in_worker(lambda connection: connection.execute(ENROL).rowcount)

    await database.stop()


@pytest.mark.parametrize("is_pooled", [False, True])
@pytest.mark.parametrize("reader", ["read", "read_in_worker"])
async def test_a_read_that_never_ends_is_cancelled_when_the_database_stops(
    database_url: str, reader: str, is_pooled: bool
) -> None:
    database, began = Database(database_url, is_pooled=is_pooled and "postgresql" in database_url), threading.Event()
    database.start()

    def count_for_ever(connection: Connection) -> object:
        began.set()
        return connection.execute(text(ENDLESS)).scalar()

    reading = asyncio.create_task(getattr(database, reader)(count_for_ever))
    await asyncio.to_thread(began.wait)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await database.stop()
        with pytest.raises(NotRead):
            await reading


async def test_an_error_of_the_database_quotes_nothing_that_people_wrote(database: Database) -> None:
    words = "Payroll is wrong"
    without_status = {"workspace_id": "T1", "number": 1, "title": words, "description": words}
    twice = insert(Workspace).values([{"workspace_id": words, "last_number": 0, "policy_version": 0}] * 2)

    for statement in (insert(table("tickets", *map(column, without_status))).values(without_status), twice):
        with pytest.raises(IntegrityError) as refused:
            await database.write(partial(Connection.execute, statement=statement))

        said = [str(error) for error in (refused.value, refused.value.orig, refused.value.__cause__)]
        assert [text for text in said if words in text] == []
        assert all("constraint" in text for text in said)


@pytest.mark.parametrize(
    ("address", "words"), [("nonsense", "DATABASE_URL is not a database address"), ("mysql://h/n", "names mysql")]
)
def test_an_address_of_no_database_is_named_with_its_remedy(address: str, words: str) -> None:
    with pytest.raises(InvalidDatabaseUrl, match=words):
        parse_database_url(address)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in masked_url(parse_database_url("postgresql://desk:secret@host/desk"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_a_process_that_was_stopped_had_locked_is_free_again(database: Database) -> None:
    limit = await database.write(lambda connection: connection.exec_driver_sql(IDLE_LIMIT).scalar())

    assert limit == "5s"
