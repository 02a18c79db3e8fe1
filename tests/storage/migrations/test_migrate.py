"""An older database becomes this one, on SQLite and PostgreSQL alike."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage.database import BadAddress, Database, parse, writing_engine
from storage.migrations.migrate import NewerDatabase, NoDatabase, NoFolder, current, pending, try_writing, upgrade
from storage.schema.columns import Table
from tests.databases import TEMPLATE, fresh


def test_an_empty_database_becomes_what_the_tables_say(empty_database_url: str) -> None:
    upgrade(empty_database_url)

    engine = writing_engine(parse(empty_database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_a_second_run_finds_nothing_to_do(empty_database_url: str) -> None:
    applied = upgrade(empty_database_url)

    assert applied[0] == "0001 The first tables"
    assert upgrade(empty_database_url) == []


def test_a_database_tells_where_it_stands(empty_database_url: str) -> None:
    assert (current(empty_database_url), pending(empty_database_url)) == (None, True)

    last = upgrade(empty_database_url)[-1].split()[0]

    assert (current(empty_database_url), pending(empty_database_url)) == (last, False)


def test_two_who_start_at_once_apply_each_step_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as starters:
        applied = list(starters.map(upgrade, [empty_database_url] * 4))

    assert sorted(map(bool, applied)) == [False, False, False, True]


def test_what_a_newer_baton_made_is_left_alone(database_url: str) -> None:
    engine = writing_engine(parse(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(NewerDatabase, match=r"newer Baton \(step 9999\)\. Install that version"):
        upgrade(database_url)
    with pytest.raises(NewerDatabase):
        pending(database_url)


async def test_a_desk_of_a_test_is_ready_and_empty(database_url: str) -> None:
    database = Database(database_url)
    database.start()

    counted = await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM tickets")).scalar())

    await database.stop()
    assert counted == 0


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert pending(f"sqlite+aiosqlite:///{tmp_path}/new.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    ["sqlite+aiosqlite:////no/such/folder/baton.db", "postgresql+asyncpg://ana:hush@127.0.0.1:1/desk"],
)
def test_a_database_that_is_not_there_is_named_without_its_password(address: str) -> None:
    with pytest.raises(NoDatabase, match=r"^The database \S+ refuses: .+\. Check DATABASE_URL") as refused:
        upgrade(address)

    assert "hush" not in str(refused.value)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(BadAddress, match=re.escape("SQLite or PostgreSQL")):
        upgrade("mysql://ana@host/desk")


def test_a_desk_that_may_be_written_to_is_as_it_was(database_url: str, empty_database_url: str) -> None:
    try_writing(database_url)
    try_writing(empty_database_url)

    assert current(empty_database_url) is None


def test_a_file_without_a_folder_is_told_before_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match=r"Make it, or change DATABASE_URL"):
        try_writing(f"sqlite+aiosqlite:///{tmp_path}/nowhere/baton.db")


def test_a_desk_that_may_only_be_read_is_named(postgresql_desk: str) -> None:
    with fresh(postgresql_desk, template=TEMPLATE) as address:
        engine = writing_engine(parse(address))
        with engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
        engine.dispose()

        with pytest.raises(NoDatabase, match="read-only transaction"):
            try_writing(address)
