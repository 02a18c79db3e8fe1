"""The schema is brought up to date in one transaction, even when several processes try at once."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from rules.errors import Refused
from storage.connections.pooling import POOLED_DRIVER
from storage.database import SQLITE, create_writer_engine, masked_url, parse_database_url

MIGRATIONS_FOLDER: Final = Path(__file__).parent
MAX_TRIES: Final = 20
RETRY_PAUSE_SECONDS: Final = 0.1
_ADVISORY_LOCK_KEY: Final = 0x6261746F6E


class DatabaseUnavailable(Refused):
    """The database does not answer, or does not let Baton make its tables."""

    def __init__(self, url: URL, error: DBAPIError) -> None:
        reason = " ".join(str(error.orig).split()).rstrip(".")
        super().__init__(
            f"The database {masked_url(url)} refuses: {reason}. "
            "Check DATABASE_URL, that the database runs, and that Baton may make tables in it."
        )


class FolderNotWritable(Refused):
    """Baton may not write to the folder of SQLite's file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Baton may not write to the folder {folder}. Make it, or change DATABASE_URL.")


class DatabaseTooNew(Refused):
    """A newer Baton has changed this database; this one would misread it."""

    def __init__(self, url: URL, revision: str) -> None:
        super().__init__(
            f"The database {masked_url(url)} was changed by a newer Baton (step {revision}). "
            "Install that version or a later one, or restore the copy made before."
        )


def upgrade_schema(address: str) -> list[str]:
    """The applied steps, the oldest first; none when the schema was up to date. Of two at once, one waits."""
    url = parse_database_url(address)
    with _open_engine(url) as engine:
        return _retry_while_locked(lambda: _apply_revisions(engine, url))


def current_revision(address: str) -> str | None:
    url = parse_database_url(address)
    if _is_missing_file(url):
        return None
    with _open_engine(url) as engine, engine.connect() as connection:
        return _stored_revision(connection)


def has_pending_revisions(address: str) -> bool:
    """DatabaseTooNew when the database was changed by a newer Baton."""
    url = parse_database_url(address)
    revision, revisions = current_revision(address), _known_revisions()
    if revision is not None and revision not in revisions:
        raise DatabaseTooNew(url, revision)
    return revision != list(revisions)[-1]


def check_writable(address: str) -> None:
    """Changes nothing; DatabaseUnavailable or FolderNotWritable where Baton could not write."""
    url = parse_database_url(address)
    if _is_missing_file(url):
        folder = Path(str(url.database)).absolute().parent
        if not os.access(folder, os.W_OK):
            raise FolderNotWritable(folder)
        return
    with _open_engine(url) as engine, engine.begin() as connection:
        if _stored_revision(connection) is not None:
            connection.exec_driver_sql("UPDATE workspaces SET last_number = last_number WHERE 1 = 0")


def draft_migration(words: str) -> Path:
    """Writes the next step: the difference between the tables and the steps so far. Review it before it is
    committed."""
    engine = create_engine("sqlite://", hide_parameters=True)
    number = f"{len(_known_revisions()) + 1:04}"
    with engine.begin() as connection:
        config = _alembic_config(connection)
        command.upgrade(config, "head")
        script = command.revision(config, words, autogenerate=True, rev_id=number)
    engine.dispose()
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no single step.")
    return Path(script.path)


def _apply_revisions(engine: Engine, url: URL) -> list[str]:
    with engine.begin() as connection:
        if url.get_backend_name() != SQLITE:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK_KEY})")
        revision, revisions = _stored_revision(connection), _known_revisions()
        if revision is not None and revision not in revisions:
            raise DatabaseTooNew(url, revision)
        missing = {name: title for name, title in revisions.items() if revision is None or name > revision}
        if missing:
            command.upgrade(_alembic_config(connection), "head")
        return [f"{name} {title}" for name, title in missing.items()]


def _retry_while_locked(attempt: Callable[[], list[str]]) -> list[str]:
    """SQLite does not wait for its lock while it changes to write-ahead logging, so the attempt is repeated."""
    for _ in range(MAX_TRIES - 1):
        try:
            return attempt()
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            time.sleep(RETRY_PAUSE_SECONDS)
    return attempt()


@contextmanager
def _open_engine(url: URL) -> Iterator[Engine]:
    """Without prepared statements: a pooler may be in between."""
    engine = create_writer_engine(url if url.get_backend_name() == SQLITE else url.set(drivername=POOLED_DRIVER))
    try:
        yield engine
    except DBAPIError as error:
        raise DatabaseUnavailable(url, error) from error
    finally:
        engine.dispose()


def _is_missing_file(url: URL) -> bool:
    """Opening a missing SQLite file would create it."""
    return url.get_backend_name() == SQLITE and bool(url.database) and not Path(str(url.database)).exists()


def _stored_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _known_revisions() -> dict[str, str]:
    """Every step's title by its number, the oldest first. Alembic runs all their files for that, so it is done once."""
    revisions = list(ScriptDirectory.from_config(_alembic_config()).walk_revisions())
    return {revision.revision: revision.doc.rstrip(".") for revision in reversed(revisions)}


def _alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    sys.stdout.write(f"{draft_migration(' '.join(sys.argv[1:]))}\n")
