"""SQLite's files: read and written by their owner alone, and how large they are."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

PRIVATE: Final = 0o600
SUFFIXES: Final = ("", "-wal", "-shm")


def sqlite_files(url: URL) -> list[Path]:
    """The database, its write-ahead log and its index, as far as they exist; none of a database in memory."""
    paths = [Path(f"{url.database}{suffix}") for suffix in SUFFIXES]
    return [path for path in paths if url.database and path.is_file()]


def keep_private(url: URL) -> None:
    """Before SQLite opens the database: it gives new files the permissions of the database.

    Where Baton may not do that, SQLite tells what is wrong with the place, and `baton check` who can read the files.
    """
    with suppress(OSError):
        if url.database and url.database != ":memory:":
            os.close(os.open(url.database, os.O_CREAT | os.O_RDWR, PRIVATE))
        for path in sqlite_files(url):
            path.chmod(PRIVATE)


def file_identity(url: URL) -> tuple[int, int] | None:
    """What the operating system knows the database's file by; None where there is none, or it is in memory."""
    try:
        found = os.stat(url.database or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


def file_sizes(url: URL) -> dict[str, int]:
    """Bytes of the database and of its write-ahead log."""
    return {name: path.stat().st_size for name, path in zip(("database", "wal"), sqlite_files(url), strict=False)}


def is_readable_by_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)
