"""Finding what is due: it costs what is due, not what is there."""

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from bench.tables import table
from rules.clocks import ClockKind, ClockState
from rules.policy import Policy
from rules.tickets import Priority, ReplyBy, Status
from storage.database import Database
from storage.migrate import upgrade
from storage.sla import due
from storage.tables import Clock, Ticket
from storage.work import Work

SIZES = (10_000, 100_000)
OPEN_OF = 50  # one ticket in so many is open
DUE, TIMES, MOST_RATIO = 20, 50, 2.0
WORKSPACE = "T0BENCH"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def measured() -> list[str]:
    """The lines to print: the same number of due alerts, found among ever more tickets."""
    took = [await _took(size) for size in SIZES]
    rows = [(f"{size:,}", f"{size // OPEN_OF:,}", DUE, f"{ms:.2f}") for size, ms in zip(SIZES, took, strict=True)]
    told = f"ratio {took[-1] / took[0]:.2f} (goal: at most {MOST_RATIO})"
    return [*table(("tickets", "open", "due", "ms"), rows), told]


async def _took(size: int) -> float:
    """Milliseconds at the median to find and lock what is due, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        address = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        await asyncio.to_thread(upgrade, address)
        database = Database(address)
        database.start()
        try:
            await database.write(lambda connection: _fill(connection, size))
            return statistics.median([await database.write(_find) for _ in range(TIMES)])
        finally:
            await database.stop()


def _find(connection: Connection) -> float:
    work = Work(connection, now=NOW, workspace=WORKSPACE, policy=Policy())
    began = time.perf_counter()
    found = due(work, limit=DUE)
    took = time.perf_counter() - began
    work.close()
    if len(found) != DUE:
        raise RuntimeError(f"{len(found)} tickets were due, not {DUE}.")
    return took * 1000


def _fill(connection: Connection, size: int) -> None:
    connection.execute(insert(Ticket), [_ticket(number) for number in range(1, size + 1)])
    connection.execute(insert(Clock), [_clock(number) for number in range(1, size + 1)])


def _ticket(number: int) -> dict[str, object]:
    facts = dict.fromkeys(("title", "type", "team", "first_line", "requester", "registered_by"), "support")
    ours = {"workspace_id": WORKSPACE, "number": number, "priority": Priority.NORMAL, "reply_by": ReplyBy.SLACK}
    done = number % OPEN_OF > 0
    state = {"status": Status.RESOLVED if done else Status.NEW, "resolved_at": NOW if done else None}
    return {**facts, **ours, **state, "created_at": NOW - timedelta(days=1)}


def _clock(number: int) -> dict[str, object]:
    """The first DUE open tickets have an alert due by now, the other open ones later, the rest none."""
    is_open, late = number % OPEN_OF == 0, number <= DUE * OPEN_OF
    alert = NOW + timedelta(minutes=-number if late else number) if is_open else None
    ours = {"workspace_id": WORKSPACE, "number": number, "target": ClockKind.RESOLUTION, "total_s": 3600}
    state = ClockState.RUNNING if is_open else ClockState.MET
    return {**ours, "state": state, "started_at": NOW, "due_at": NOW, "next_alert_at": alert}
