"""The writer: who waits shares a commit, who fails fails alone, who gives up has saved nothing."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.schema.tickets import Workspace
from storage.writer import NotSaved


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    opened.start()
    yield opened
    await opened.stop()


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
