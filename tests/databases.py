"""Databases for tests, in memory where there is room: fresh ones, and used ones that are as good as fresh."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

MEMORY = Path("/dev/shm")
ROOM = 2 * 1024**3  # bytes: a worker's databases need a few hundred MB at most
PREFIX = "baton-tests-"
TEMPLATE = "desk_template"
GROWN = 4 * 1024 * 1024  # bytes: what is left of emptied rows would be read over and over again
CATALOGS = ["pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_type", "pg_namespace"]
CATALOGS += ["pg_db_role_setting"]
TABLES = "FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
SHAPE = f"""
    SELECT count(*), max(xmin::text::bigint),
           (SELECT version_num FROM public.alembic_version), (SELECT sum(reltuples) {TABLES})
    FROM ({" UNION ALL ".join(f"SELECT xmin FROM {catalog}" for catalog in CATALOGS)})
"""
SIZE = f"SELECT sum(pg_total_relation_size(oid)) {TABLES}"
OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
COUNTERS = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"


class Server(Protocol):
    """The PostgreSQL that tests bring along."""

    def get_uri(self) -> str: ...

    def stop(self) -> None: ...

    def ensure_postgres_running(self) -> None: ...


class Shelf:
    """Copies of one template, lent to one test after another.

    Emptying a copy takes 5 ms, making and dropping one 100. It is handed on as it was made: nobody connected, no
    rows, counters at their start. One whose schema or statistics changed, or that has grown, is dropped instead.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._made: dict[str, object] = {}
        self._free: list[str] = []

    @contextmanager
    def lent(self) -> Iterator[str]:
        name = self._free.pop() if self._free else self._new()
        yield named(self._server, name)
        if self._emptied(name):
            self._free.append(name)
        else:
            _drop(self._server, name)

    def _new(self) -> str:
        name = _create(self._server, self._template)
        with _inside(self._server, name) as admin:
            self._made[name] = admin.execute(SHAPE.encode()).fetchone()
        return name

    def _emptied(self, name: str) -> bool:
        """False when it is not again as it was made."""
        with _inside(self._server, name) as admin:
            admin.execute(OTHERS)
            if admin.execute(SHAPE.encode()).fetchone() != self._made[name]:
                return False
            names = [table for (table,) in admin.execute(f"SELECT relname {TABLES}".encode())]
            admin.execute("SET session_replication_role = replica")  # in any order, whatever refers to what
            admin.execute(";".join(f"DELETE FROM {table}" for table in names if table != "alembic_version").encode())
            admin.execute(COUNTERS)
            row = admin.execute(SIZE.encode()).fetchone()
            return row is not None and row[0] < GROWN


@contextmanager
def database_folder() -> Iterator[Path]:
    """A folder for this worker's databases, gone when the worker ends.

    In memory where the machine has room: a disk that is busy with something else lets a commit wait for seconds, and an
    operation is given up after 2.5 s. The folder of a worker that was killed is removed by the next one.
    """
    quick = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    for left in MEMORY.glob(f"{PREFIX}*") if quick else ():
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=MEMORY if quick else None))
    folder.chmod(0o755)  # root's PostgreSQL runs as another user, who may not look into a private folder
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sqlite_file(folder: Path, template: Path | None = None) -> Iterator[str]:
    """A SQLite database of its own in that folder: a copy of the template, or nothing yet."""
    own = Path(tempfile.mkdtemp(dir=folder))
    if template is not None:
        shutil.copy(template, own / "desk.db")
    yield f"sqlite+aiosqlite:///{own / 'desk.db'}"
    shutil.rmtree(own)


@contextmanager
def fresh(server: str, *, template: str) -> Iterator[str]:
    """A database that nobody had before and nobody gets after."""
    name = _create(server, template)
    yield named(server, name)
    _drop(server, name)


@contextmanager
def copied(address: str, *, folder: Path) -> Iterator[str]:
    """A copy of that database, to which nobody may be connected."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        place = sqlite_file(folder, Path(str(url.database)))
    else:
        server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        place = fresh(server, template=str(url.database))
    with place as copy:
        yield copy


def named(server: str, name: str) -> str:
    """That server's address of one database, as DATABASE_URL has it."""
    url = make_url(server).set(drivername="postgresql+asyncpg", database=name)
    return url.render_as_string(hide_password=False)


def _inside(server: str, name: str) -> psycopg.Connection:
    url = make_url(server).set(drivername="postgresql", database=name)
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _create(server: str, template: str) -> str:
    name = f"desk_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
    return name


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
