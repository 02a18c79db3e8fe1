"""An older database becomes this one, on SQLite and PostgreSQL alike."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from storage.database import Database, InvalidDatabaseUrl, create_writer_engine, parse_database_url
from storage.migrations.migrate import (
    DatabaseTooNew,
    DatabaseUnavailable,
    FolderNotWritable,
    check_writable,
    current_revision,
    has_pending_revisions,
    upgrade_schema,
)
from storage.schema.columns import Table
from tests.databases import TEMPLATE, fresh


def test_an_empty_database_becomes_what_the_tables_say(empty_database_url: str) -> None:
    upgrade_schema(empty_database_url)

    engine = create_writer_engine(parse_database_url(empty_database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_a_second_run_finds_nothing_to_do(empty_database_url: str) -> None:
    applied = upgrade_schema(empty_database_url)

    assert applied[0] == "0001 The first tables"
    assert upgrade_schema(empty_database_url) == []


def test_a_database_tells_where_it_stands(empty_database_url: str) -> None:
    assert (current_revision(empty_database_url), has_pending_revisions(empty_database_url)) == (None, True)

    last = upgrade_schema(empty_database_url)[-1].split()[0]

    assert (current_revision(empty_database_url), has_pending_revisions(empty_database_url)) == (last, False)


def test_two_who_start_at_once_apply_each_step_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as starters:
        applied = list(starters.map(upgrade_schema, [empty_database_url] * 4))

    assert sorted(map(bool, applied)) == [False, False, False, True]


def test_what_a_newer_baton_made_is_left_alone(database_url: str) -> None:
    engine = create_writer_engine(parse_database_url(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(DatabaseTooNew, match=r"newer Baton \(step 9999\)\. Install that version"):
        upgrade_schema(database_url)
    with pytest.raises(DatabaseTooNew):
        has_pending_revisions(database_url)


async def test_a_desk_of_a_test_is_ready_and_empty(database_url: str) -> None:
    database = Database(database_url)
    database.start()

    counted = await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM tickets")).scalar())

    await database.stop()
    assert counted == 0


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert has_pending_revisions(f"sqlite+aiosqlite:///{tmp_path}/new.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address",
    ["sqlite+aiosqlite:////no/such/folder/baton.db", "postgresql+asyncpg://ana:hush@127.0.0.1:1/desk"],
)
def test_a_database_that_is_not_there_is_named_without_its_password(address: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"^The database \S+ refuses: .+\. Check DATABASE_URL") as refused:
        upgrade_schema(address)

    assert "hush" not in str(refused.value)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidDatabaseUrl, match=re.escape("SQLite or PostgreSQL")):
        upgrade_schema("mysql://ana@host/desk")


def test_a_desk_that_may_be_written_to_is_as_it_was(database_url: str, empty_database_url: str) -> None:
    check_writable(database_url)
    check_writable(empty_database_url)

    assert current_revision(empty_database_url) is None


def test_a_file_without_a_folder_is_told_before_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable, match=r"Make it, or change DATABASE_URL"):
        check_writable(f"sqlite+aiosqlite:///{tmp_path}/nowhere/baton.db")


def test_a_desk_that_may_only_be_read_is_named(postgresql_desk: str) -> None:
    with fresh(postgresql_desk, template=TEMPLATE) as address:
        engine = create_writer_engine(parse_database_url(address))
        with engine.begin() as connection:
            connection.execute(text(f"ALTER DATABASE {engine.url.database} SET default_transaction_read_only = on"))
        engine.dispose()

        with pytest.raises(DatabaseUnavailable, match="read-only transaction"):
            check_writable(address)
