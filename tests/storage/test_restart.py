"""PostgreSQL is restarted: what is asked afterwards is answered as ever, and meanwhile with a sentence."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, select

from storage.connections.outages import NotRead, NotSaved
from storage.database import Database
from storage.schema.tickets import Workspace
from tests.databases import Server

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """One whose connections are all open."""
    opened = Database(database_url)
    opened.start()
    await opened.write(names)
    await opened.read(names)
    await opened.read_in_worker(names)
    yield opened
    await opened.stop()


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Workspace.workspace_id)))


async def test_after_a_restart_everything_is_read_and_written_at_once(
    database: Database, postgresql_server: Server
) -> None:
    postgresql_server.stop()
    postgresql_server.ensure_postgres_running()

    answers = [await database.read(names), await database.read_in_worker(names), await database.write(names)]

    assert answers == [[], [], []]


@pytest.mark.parametrize("reader", ["read", "read_in_worker"])
async def test_a_read_whose_connection_is_cut_is_read_again(database: Database, reader: str) -> None:
    cuts = ["SELECT pg_terminate_backend(pg_backend_pid())"]

    def names_after_a_cut(connection: Connection) -> list[str]:
        if cuts:
            connection.exec_driver_sql(cuts.pop())
        return names(connection)

    assert await getattr(database, reader)(names_after_a_cut) == []
    assert not cuts


async def test_while_the_server_is_away_people_read_that_it_is(database: Database, postgresql_server: Server) -> None:
    postgresql_server.stop()
    try:
        with pytest.raises(NotRead, match="does not answer just now"):
            await database.read(names)
        with pytest.raises(NotRead, match="does not answer just now"):
            await database.read_in_worker(names)
        with pytest.raises(NotSaved, match="Nothing was saved: the desk's database does not answer"):
            await database.write(names)
    finally:
        postgresql_server.ensure_postgres_running()

    assert await database.read(names) == []
