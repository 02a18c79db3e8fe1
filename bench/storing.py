"""The lower bound with storage: the bare app, which also writes the rows of one filing before it acknowledges.

Plain sqlite3 on one thread, group commit, synchronous=FULL, and nothing else: no rules, no idempotency, no card. Its
share of the bare app's rate is the most that any design in one process can reach on this machine.
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

from bench.acknowledging import app_without_listeners, serve_app
from bench.desk import CONFIGURATION, WORKSPACE
from bench.load_generator import TEXT
from rules.intake.requests import TicketRequest
from services import intake
from services.config import open_desk
from services.desk import Desk
from storage.database import Database
from storage.migrations.migrate import upgrade_schema

TABLES = ("inbox", "tickets", "events", "clocks", "outbox")
VARYING_COLUMNS = {"number", "key", "id", "subject", "fold"}  # differ from one filing to the next
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8192", "wal_autocheckpoint=4000")
NEXT_NUMBER = "UPDATE workspaces SET last_number = last_number + 1 WHERE workspace_id = ? RETURNING last_number"

Row = dict[str, object]
Filing = tuple[str, asyncio.Future[None]]


async def file_model_ticket(address: str) -> None:
    """Files one ticket as Baton does: its rows are the pattern for all others."""
    await asyncio.to_thread(upgrade_schema, address)
    database = Database(address)
    database.start()
    desk = Desk(database, workspace=WORKSPACE)
    await open_desk(desk, initial=CONFIGURATION)
    request = TicketRequest(title=TEXT, requester="U0AGENT1", registered_by="U0AGENT1", type="network")
    await desk.execute_once("command:1", intake.file_request, request, typed=TEXT)
    await database.stop()


class GroupCommitStore:
    """One thread that writes; all filings that wait share a commit."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: SimpleQueue[Filing] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    async def store_filing(self, key: str) -> None:
        saved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put((key, saved))
        await saved

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for line in PRAGMAS:
            connection.execute(f"PRAGMA {line}")
        write = _filing_writer(connection)
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
            group[0][1].get_loop().call_soon_threadsafe(_mark_saved, group)


def _filing_writer(connection: sqlite3.Connection) -> Callable[[str], None]:
    """Returns a function that writes one filing: the next number, then one statement for each table."""
    inserts = [_insert_statement(connection, table) for table in TABLES]
    ids = count(1)

    def write(key: str) -> None:
        number = connection.execute(NEXT_NUMBER, (WORKSPACE,)).fetchone()[0]
        own = {"number": number, "id": next(ids), "subject": str(number), "fold": f"card:{number}:C0SUPPORT"}
        for sql, rows in inserts:
            row_keys = ({"key": f"{at}:{key}"} for at in range(len(rows)))
            values = [
                (own | row_key).get(name, value) if name in VARYING_COLUMNS else value
                for row, row_key in zip(rows, row_keys, strict=True)
                for name, value in row.items()
            ]
            connection.execute(sql, values)

    return write


def _insert_statement(connection: sqlite3.Connection, table: str) -> tuple[str, list[Row]]:
    cursor = connection.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    places = ", ".join(["(" + ", ".join("?" * len(names)) + ")"] * len(rows))
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES {places}", rows


def _mark_saved(group: list[Filing]) -> None:
    for _, saved in group:
        saved.set_result(None)


def storing_app(store: GroupCommitStore) -> AsyncApp:
    app = app_without_listeners()

    @app.command("/ticket")
    async def acknowledge(ack: AsyncAck, body: dict[str, str]) -> None:
        await store.store_filing(body["trigger_id"])
        await ack()

    return app


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        path = Path(folder) / "floor.db"
        asyncio.run(file_model_ticket(f"sqlite+aiosqlite:///{path}"))
        serve_app(storing_app(GroupCommitStore(path)), port=int(sys.argv[1]))
