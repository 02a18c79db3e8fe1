"""What one test leaves in a database of PostgreSQL's, no other test finds."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from storage.migrations.migrate import current_revision
from tests.databases import TEMPLATE, Shelf, fresh

NOTES = "CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, about int REFERENCES notes, words text)"
ADD = "INSERT INTO notes (words) VALUES ('Call Ana.') RETURNING id"
WORKSPACE = "INSERT INTO workspaces (workspace_id, last_number, policy_version) VALUES ('T0LOCAL', 7, 0)"


def into(address: str) -> "psycopg.Connection[tuple[object, ...]]":
    url = make_url(address).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def run(address: str, statement: str) -> None:
    with into(address) as connection:
        connection.execute(statement.encode())


@pytest.fixture(scope="module")
def shelf(postgresql_desk: str) -> Iterator[Shelf]:
    """A shelf with copies of the desk's schema and of a table that counts."""
    with fresh(postgresql_desk, template=TEMPLATE) as template:
        run(template, NOTES)
        yield Shelf(postgresql_desk, str(make_url(template).database))


def test_who_comes_next_gets_the_same_database_without_its_rows_and_counts_from_one(shelf: Shelf) -> None:
    with shelf.lent() as first, into(first) as connection:
        assert connection.execute(ADD).fetchone() == (1,)
        connection.execute("INSERT INTO notes (about) VALUES (1)")

    with shelf.lent() as second, into(second) as connection:
        assert second == first
        assert connection.execute("SELECT * FROM notes").fetchall() == []
        assert connection.execute(ADD).fetchone() == (1,)


def test_every_table_is_emptied_but_the_step_of_the_schema_stays(shelf: Shelf) -> None:
    with shelf.lent() as first:
        step = current_revision(first)
        run(first, WORKSPACE)

    with shelf.lent() as second, into(second) as connection:
        assert connection.execute("SELECT count(*) FROM workspaces").fetchone() == (0,)
        assert current_revision(second) == step is not None


def test_who_is_still_connected_is_cut_off_with_what_they_hold(shelf: Shelf) -> None:
    with shelf.lent() as first:
        left = into(first)
        left.execute("BEGIN")
        left.execute("LOCK TABLE notes")

    with shelf.lent() as second:
        run(second, ADD)

    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE notes DROP CONSTRAINT notes_about_fkey",
        "ALTER TABLE notes ALTER words SET NOT NULL",
        "CREATE TABLE more (words text)",
        "DROP TABLE notes",
        "UPDATE alembic_version SET version_num = '9999'",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET search_path = nowhere'; END $$",
        "INSERT INTO notes (words) VALUES ('1'), ('2'); ANALYZE notes",
        "INSERT INTO notes (words) SELECT repeat(md5(n::text), 9) FROM generate_series(1, 20000) AS n",
    ],
    ids=["constraint", "column", "table", "no table", "step", "setting", "statistics", "size"],
)
def test_what_cannot_be_emptied_to_be_as_new_is_used_by_nobody_else(shelf: Shelf, change: str) -> None:
    with shelf.lent() as first:
        run(first, change)

    with shelf.lent() as second:
        assert second != first


def test_two_at_once_have_a_database_each(shelf: Shelf) -> None:
    with shelf.lent() as first, shelf.lent() as second:
        assert first != second
