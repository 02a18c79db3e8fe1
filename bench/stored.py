"""The floor with a store: the bare app, which before it acknowledges also writes the very rows that one filing writes.

Plain sqlite3 on one thread, group commit, synchronous=FULL, and nothing else: no rules, no once-only answers, no card.
What it keeps of the bare app's rate is the most that any design in one process can keep on this machine.
"""

import asyncio
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bench.bare import app, serve
from bench.desk import DESK, TEAM
from bench.load import TEXT
from rules.intake.requests import TicketRequest
from services import intake
from services.config import open_desk
from services.desk import Desk
from storage.database import Database
from storage.migrations.migrate import upgrade_schema

TABLES = ("inbox", "tickets", "events", "clocks", "outbox")
OURS = {"number", "key", "id", "subject", "fold"}  # what differs from one filing to the next
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8192", "wal_autocheckpoint=4000")
COUNTED = "UPDATE workspaces SET last_number = last_number + 1 WHERE workspace_id = ? RETURNING last_number"

Row = dict[str, object]
Filing = tuple[str, asyncio.Future[None]]


async def model(address: str) -> None:
    """One ticket as Baton files it: its rows are the pattern for all others."""
    await asyncio.to_thread(upgrade_schema, address)
    database = Database(address)
    database.start()
    desk = Desk(database, workspace=TEAM)
    await open_desk(desk, initial=DESK)
    request = TicketRequest(title=TEXT, requester="U0AGENT1", registered_by="U0AGENT1", type="network")
    await desk.execute_once("command:1", intake.file_request, request, typed=TEXT)
    await database.stop()


class Store:
    """One thread that writes; whoever waits shares a commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: SimpleQueue[Filing] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def file(self, key: str) -> None:
        saved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put((key, saved))
        await saved

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for line in PRAGMAS:
            connection.execute(f"PRAGMA {line}")
        write = _writing(connection)
        while True:
            group = [self._queue.get()]
            while len(group) < 128:  # noqa: PLR2004 - as many as Baton's writer takes
                try:
                    group.append(self._queue.get_nowait())
                except Empty:
                    break
            connection.execute("BEGIN IMMEDIATE")
            for key, _ in group:
                write(key)
            connection.execute("COMMIT")
            group[0][1].get_loop().call_soon_threadsafe(_saved, group)


def _writing(connection: sqlite3.Connection) -> Callable[[str], None]:
    """Writes one filing: the counter goes on, and each table gets its rows in one statement."""
    inserts = [_insert(connection, table) for table in TABLES]
    ids = count(1)

    def write(key: str) -> None:
        number = connection.execute(COUNTED, (TEAM,)).fetchone()[0]
        own = {"number": number, "id": next(ids), "subject": str(number), "fold": f"card:{number}:C0SUPPORT"}
        for sql, rows in inserts:
            keys = ({"key": f"{at}:{key}"} for at in range(len(rows)))
            values = [
                (own | said).get(name, value) if name in OURS else value
                for row, said in zip(rows, keys, strict=True)
                for name, value in row.items()
            ]
            connection.execute(sql, values)

    return write


def _insert(connection: sqlite3.Connection, table: str) -> tuple[str, list[Row]]:
    found = connection.execute(f"SELECT * FROM {table}")
    names = [one[0] for one in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    places = ", ".join(["(" + ", ".join("?" * len(names)) + ")"] * len(rows))
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES {places}", rows


def _saved(group: list[Filing]) -> None:
    for _, saved in group:
        saved.set_result(None)


def stored(store: Store) -> AsyncApp:
    made = app()

    @made.command("/ticket")
    async def acknowledge(ack: AsyncAck, body: dict[str, str]) -> None:
        await store.file(body["trigger_id"])
        await ack()

    return made


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        path = Path(folder) / "floor.db"
        asyncio.run(model(f"sqlite+aiosqlite:///{path}"))
        serve(stored(Store(path)), port=int(sys.argv[1]))
