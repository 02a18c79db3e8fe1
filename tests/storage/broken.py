"""Databases that break: a full disk, a damaged table, a thread that ends."""

import asyncio
import ctypes
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
def full_disk() -> Iterator[None]:
    """No file of this process grows any more: as on a full disk, a write fails in the middle."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def kill_writer(database: Database) -> None:
    """The thread ends as nothing in it can prevent: by an exception from outside, raised as soon as it runs again."""
    thread = await database.write(lambda connection: threading.current_thread())
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    waking = asyncio.create_task(database.write(lambda connection: None))
    await asyncio.to_thread(thread.join)
    waking.cancel()
