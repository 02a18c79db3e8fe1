"""The writer: who waits shares a commit, who fails fails alone, who gives up has saved nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from storage.connections.outages import NotSaved, Outage
from storage.database import Database
from storage.schema.tickets import Workspace
from tests.patience import PATIENCE_SECONDS
from tests.storage.broken import damage_table, full_disk, kill_writer, sqlite_path


@asynccontextmanager
async def started(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with started(database_url) as opened:
        yield opened


def runs(statement: str) -> Callable[[Connection], object]:
    return lambda connection: connection.exec_driver_sql(statement).close()


def enrols_many(connection: Connection) -> None:
    """More than fits on the pages that are there."""
    for number in range(2000):
        enrols(f"T_MANY_{number}")(connection)


def enrols(name: str) -> Callable[[Connection], str]:
    def body(connection: Connection) -> str:
        connection.execute(insert(Workspace).values(workspace_id=name, last_number=0, policy_version=0))
        return name

    return body


async def known(database: Database) -> set[str]:
    return set(await database.read(lambda connection: connection.scalars(select(Workspace.workspace_id)).all()))


class Stuck:
    """A deed that holds the writer until it is let go."""

    def __init__(self) -> None:
        self.running = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, connection: Connection) -> None:
        self.running.set()
        self.let_go.wait(timeout=10)


async def test_an_answer_comes_after_the_commit(database: Database) -> None:
    await database.write(enrols("T1"))

    assert await known(database) == {"T1"}


async def test_whoever_waits_together_is_saved_together(database: Database) -> None:
    names = [f"T{number}" for number in range(40)]

    answers = await asyncio.gather(*(database.write(enrols(name)) for name in names))

    assert answers == names
    assert await known(database) == set(names)


async def test_a_deed_that_fails_leaves_its_neighbours_standing(database: Database) -> None:
    def fails(connection: Connection) -> None:
        enrols("T_HALF")(connection)
        raise KeyError("half way")

    results = await asyncio.gather(
        database.write(enrols("T1")), database.write(fails), database.write(enrols("T2")), return_exceptions=True
    )

    assert isinstance(results[1], KeyError)
    assert await known(database) == {"T1", "T2"}


async def test_what_the_database_refuses_is_refused_to_its_own_deed_alone(database: Database) -> None:
    await database.write(enrols("T1"))

    results = await asyncio.gather(database.write(enrols("T1")), database.write(enrols("T2")), return_exceptions=True)

    assert type(results[0]).__name__ == "IntegrityError"
    assert await known(database) == {"T1", "T2"}


async def test_what_fails_when_a_session_flushes_fails_alone(database: Database) -> None:
    """The session has rolled the transaction back already; once more would be a warning, which fails here."""

    def adds_twice(connection: Connection) -> None:
        with Session(connection, join_transaction_mode="rollback_only") as session:
            session.add(Workspace(workspace_id="T1", last_number=0, policy_version=0))
            session.flush()

    await database.write(enrols("T1"))

    results = await asyncio.gather(database.write(adds_twice), database.write(enrols("T2")), return_exceptions=True)

    assert type(results[0]).__name__ == "IntegrityError"
    assert await known(database) == {"T1", "T2"}


async def test_who_gives_up_before_their_turn_has_saved_nothing(database: Database) -> None:
    stuck = Stuck()
    holding = asyncio.create_task(database.write(stuck))
    await asyncio.to_thread(stuck.running.wait)

    with pytest.raises(NotSaved):
        await database.write(enrols("T_LATE"), timeout_seconds=0.01)

    stuck.let_go.set()
    await holding
    assert await known(database) == set()


async def test_who_gives_up_while_their_own_deed_runs_has_saved_nothing_and_the_others_are_saved(
    database: Database,
) -> None:
    stuck = Stuck()
    slow = asyncio.create_task(database.write(stuck, timeout_seconds=0.01))
    await asyncio.to_thread(stuck.running.wait)
    with pytest.raises(NotSaved):
        await slow

    stuck.let_go.set()
    await database.write(enrols("T1"))

    assert await known(database) == {"T1"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_that_change_the_same_rows_in_another_order_do_not_wait_for_each_other_for_ever(
    database: Database, database_url: str
) -> None:
    """Each has changed its first row when both go on; a deadlock would run one of them again."""
    for name in ("T1", "T2"):
        await database.write(enrols(name))
    other, stuck, both = Database(database_url), [Stuck(), Stuck()], threading.Barrier(2)
    other.start()
    ran = list[str]()

    def changes(name: str, *, together: bool = False) -> Callable[[Connection], None]:
        def body(connection: Connection) -> None:
            connection.execute(update(Workspace).where(Workspace.workspace_id == name).values(last_number=1))
            ran.append(name)
            if together and len(ran) <= 2:
                both.wait(timeout=PATIENCE_SECONDS)

        return body

    orders = [(database, stuck[0], "T1", "T2"), (other, stuck[1], "T2", "T1")]
    waiting = [
        asyncio.create_task(process.write(body))
        for process, holder, first, second in orders
        for body in (holder, changes(first, together=True), changes(second))
    ]
    for holder in stuck:
        await asyncio.to_thread(holder.running.wait)
        holder.let_go.set()
    await asyncio.gather(*waiting)
    await other.stop()

    assert sorted(ran) == ["T1", "T1", "T2", "T2"]


async def test_stopping_lets_the_queue_finish(database_url: str) -> None:
    database = Database(database_url)
    database.start()
    waiting = [asyncio.create_task(database.write(enrols(f"T{number}"))) for number in range(5)]
    await asyncio.sleep(0)

    await database.stop()

    assert await asyncio.gather(*waiting) == [f"T{number}" for number in range(5)]


async def test_readers_cannot_write_on_sqlite(sqlite_desk: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{sqlite_desk}")
    database.start()

    with pytest.raises(OperationalError, match="readonly"):
        await database.read(enrols("T1"))

    await database.stop()


def stops(connection: Connection) -> None:
    raise SystemExit(1)


def finds_nothing(connection: Connection) -> object:
    return next(iter(()))


@pytest.mark.parametrize("body", [stops, finds_nothing])
async def test_whatever_an_operation_raises_its_caller_hears_of_it_and_the_others_are_saved(
    database: Database, body: Callable[[Connection], object]
) -> None:
    results = await asyncio.gather(
        database.write(enrols("T1")), database.write(body), database.write(enrols("T2")), return_exceptions=True
    )
    await database.write(enrols("T3"))

    assert isinstance(results[1], RuntimeError)
    assert await known(database) == {"T1", "T2", "T3"}


async def test_a_statement_that_is_wrong_fails_alone(database: Database) -> None:
    results = await asyncio.gather(
        database.write(enrols("T1")),
        database.write(lambda connection: connection.exec_driver_sql("SELECT * FROM no_such_table")),
        database.write(enrols("T2")),
        return_exceptions=True,
    )

    assert isinstance(results[1], DBAPIError)
    assert await known(database) == {"T1", "T2"}


async def test_an_operation_that_needs_a_damaged_page_is_not_saved_and_the_next_is(sqlite_url: str) -> None:
    damage_table(sqlite_url, "people")
    async with started(sqlite_url) as database:
        with pytest.raises(NotSaved) as refusal:
            await database.write(runs("SELECT * FROM people"))

        await database.write(enrols("T1"))

        assert refusal.value.outage is Outage.DAMAGED
        assert await known(database) == {"T1"}


async def test_a_file_that_is_no_database_answers_everybody_who_asks(sqlite_url: str) -> None:
    sqlite_path(sqlite_url).write_bytes(b"no database" * 1000)
    async with started(sqlite_url) as database:
        for _ in range(2):
            with pytest.raises(NotSaved) as refusal:
                await database.write(enrols("T1"))

            assert refusal.value.outage is Outage.DAMAGED


async def test_a_file_that_may_only_be_read_says_so(sqlite_url: str) -> None:
    async with started(sqlite_url) as database:
        await database.write(runs("PRAGMA query_only=ON"))

        with pytest.raises(NotSaved) as refusal:
            await database.write(enrols("T1"))

        assert refusal.value.outage is Outage.READ_ONLY


async def test_a_file_without_room_says_so_and_is_written_to_again_when_there_is(sqlite_url: str) -> None:
    async with started(sqlite_url) as database:
        await database.write(runs("PRAGMA max_page_count=1"))
        with pytest.raises(NotSaved) as refusal:
            await database.write(enrols_many)

        await database.write(runs("PRAGMA max_page_count=1073741823"))
        await database.write(enrols("T1"))

        assert refusal.value.outage is Outage.FULL
        assert await known(database) == {"T1"}


async def test_a_disk_that_takes_no_more_bytes_says_so_and_the_next_is_saved(sqlite_url: str) -> None:
    async with started(sqlite_url) as database:
        await database.write(enrols("T1"))
        with full_disk(sqlite_url), pytest.raises(NotSaved) as refusal:
            await database.write(enrols("T2"))

        await database.write(enrols("T3"))

        assert refusal.value.outage is Outage.DISK_FAULT
        assert await known(database) == {"T1", "T3"}


@pytest.mark.parametrize("replacement", [None, b"another file"])
async def test_a_file_that_was_removed_or_replaced_takes_nothing_until_it_is_back(
    sqlite_url: str, replacement: bytes | None
) -> None:
    path = sqlite_path(sqlite_url)
    async with started(sqlite_url) as database:
        await database.write(enrols("T1"))
        aside = path.rename(path.with_name("aside.db"))
        if replacement is not None:
            path.write_bytes(replacement)

        with pytest.raises(NotSaved, match="was removed or replaced") as refusal:
            await database.write(enrols("T2"))

        assert refusal.value.outage is Outage.MOVED
        assert database.take_outage() is Outage.MOVED
        aside.replace(path)
        await database.write(enrols("T3"))
        assert await known(database) >= {"T1", "T3"}
        assert "T2" not in await known(database)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_postgresql_that_is_only_read_says_so_and_is_written_to_again(database: Database) -> None:
    await database.write(runs("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    with pytest.raises(NotSaved) as refusal:
        await database.write(enrols("T1"))

    await database.write(runs("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
    await database.write(enrols("T2"))

    assert refusal.value.outage is Outage.READ_ONLY
    assert await known(database) == {"T2"}


async def test_a_thread_that_ended_is_replaced_and_the_queue_goes_on(database: Database) -> None:
    await kill_writer(database)
    waiting = asyncio.create_task(database.write(enrols("T1")))

    database.revive_writer()

    assert await waiting == "T1"
    assert await known(database) == {"T1"}


async def test_stopping_does_what_waits_though_the_thread_had_ended(database_url: str) -> None:
    database = Database(database_url)
    database.start()
    await kill_writer(database)
    waiting = asyncio.create_task(database.write(enrols("T1")))
    await asyncio.sleep(0)

    await database.stop()

    assert await waiting == "T1"
