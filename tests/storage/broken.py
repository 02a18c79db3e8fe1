"""Databases that break: a full disk, a damaged table, a thread that ends."""

import asyncio
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from storage.database import Database


def sqlite_path(database_url: str) -> Path:
    return Path(str(make_url(database_url).database))


def damage_table(database_url: str, table: str) -> None:
    """Overwrites the table's first page; the rest of the file is as it was."""
    path = sqlite_path(database_url)
    with sqlite3.connect(path) as connection:
        query = "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE name = ?"
        page, size = connection.execute(query, (table,)).fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"damaged!" * (size // 8))


@contextmanager
def full_disk(database_url: str) -> Iterator[None]:
    """The database's log does not grow any more, nor any larger file of this process: a write fails in the middle."""
    limits, size = resource.getrlimit(resource.RLIMIT_FSIZE), Path(f"{sqlite_path(database_url)}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def kill_writer(database: Database) -> None:
    """The thread ends, with the mark that ends it when Baton stops."""
    thread = await database.write(lambda connection: threading.current_thread())
    assert database._writer is not None
    database._writer._queue.put(None)
    await asyncio.to_thread(thread.join)
