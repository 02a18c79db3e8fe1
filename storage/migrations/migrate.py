"""The schema is brought up to date in one transaction, whoever else tries at the same moment."""

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

from rules.errors import DeskError
from storage.database import SQLITE, parse, shown, writing_engine

FOLDER: Final = Path(__file__).parent
TRIES: Final = 20
PAUSE: Final = 0.1
_LOCK: Final = 0x6261746F6E


class NoDatabase(DeskError):
    """The database does not answer, or does not let Baton make its tables."""

    def __init__(self, url: URL, error: DBAPIError) -> None:
        reason = " ".join(str(error.orig).split()).rstrip(".")
        super().__init__(
            f"The database {shown(url)} refuses: {reason}. "
            "Check DATABASE_URL, that the database runs, and that Baton may make tables in it."
        )


class NoFolder(DeskError):
    """SQLite's file has no place to be."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Baton may not write to the folder {folder}. Make it, or change DATABASE_URL.")


class NewerDatabase(DeskError):
    """A newer Baton has been here; this one would misread what it finds."""

    def __init__(self, url: URL, revision: str) -> None:
        super().__init__(
            f"The database {shown(url)} was changed by a newer Baton (step {revision}). "
            "Install that version or a later one, or restore the copy made before."
        )


def upgrade(address: str) -> list[str]:
    """The steps applied, oldest first; none when the schema was up to date. Of two at once, one waits."""
    url = parse(address)
    with _opened(url) as engine:
        return _patiently(lambda: _upgrade(engine, url))


def current(address: str) -> str | None:
    """The step that the database stands at; None before the first."""
    url = parse(address)
    if _not_made(url):
        return None
    with _opened(url) as engine, engine.connect() as connection:
        return _revision(connection)


def pending(address: str) -> bool:
    """True while steps are still to be applied."""
    url = parse(address)
    now, steps = current(address), _steps()
    if now is not None and now not in steps:
        raise NewerDatabase(url, now)
    return now != list(steps)[-1]


def try_writing(address: str) -> None:
    """Changes nothing; NoDatabase or NoFolder where Baton could not write. The tables must be there, if any are."""
    url = parse(address)
    if _not_made(url):
        folder = Path(str(url.database)).absolute().parent
        if not os.access(folder, os.W_OK):
            raise NoFolder(folder)
        return
    with _opened(url) as engine, engine.begin() as connection:
        if _revision(connection) is not None:
            connection.exec_driver_sql("UPDATE workspaces SET last_number = last_number WHERE 1 = 0")


def draft(words: str) -> Path:
    """Writes the next step: what the tables say and the steps so far do not. Read it before it is kept."""
    engine = create_engine("sqlite://")
    number = f"{len(_steps()) + 1:04}"
    with engine.begin() as connection:
        config = _config(connection)
        command.upgrade(config, "head")
        script = command.revision(config, words, autogenerate=True, rev_id=number)
    engine.dispose()
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no single step.")
    return Path(script.path)


def _upgrade(engine: Engine, url: URL) -> list[str]:
    with engine.begin() as connection:
        if url.get_backend_name() != SQLITE:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        before, steps = _revision(connection), _steps()
        if before is not None and before not in steps:
            raise NewerDatabase(url, before)
        missing = {name: words for name, words in steps.items() if before is None or name > before}
        if missing:
            command.upgrade(_config(connection), "head")
        return [f"{name} {words}" for name, words in missing.items()]


def _patiently(work: Callable[[], list[str]]) -> list[str]:
    """SQLite does not wait for its lock while it changes to write-ahead logging; trying again does."""
    for _ in range(TRIES - 1):
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error.orig):
                raise
            time.sleep(PAUSE)
    return work()


@contextmanager
def _opened(url: URL) -> Iterator[Engine]:
    engine = writing_engine(url)
    try:
        yield engine
    except DBAPIError as error:
        raise NoDatabase(url, error) from error
    finally:
        engine.dispose()


def _not_made(url: URL) -> bool:
    """Looking at a file of SQLite's that is not there would make it."""
    return url.get_backend_name() == SQLITE and bool(url.database) and not Path(str(url.database)).exists()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _steps() -> dict[str, str]:
    """Every step by its number, with its words, oldest first; Alembic runs all their files for that, once is enough."""
    found = list(ScriptDirectory.from_config(_config()).walk_revisions())
    return {step.revision: step.doc.rstrip(".") for step in reversed(found)}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    sys.stdout.write(f"{draft(' '.join(sys.argv[1:]))}\n")
