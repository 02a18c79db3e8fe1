"""Giving what is due: it costs what is due, not what is there."""

import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert, literal, select

from bench import databases
from bench.tables import table
from rules.calendars.calendars import Calendar
from rules.model.policy import Policy, Team
from rules.model.tickets import Priority, ReplyBy, Status
from rules.model.timers import TimerKind, TimerState
from services.alerts.sweep import send_due_alerts
from storage.alerts import take_due_alerts
from storage.database import create_writer_engine, parse_database_url
from storage.schema.tickets import Ticket, TimerRow
from storage.transaction import Transaction

SIZES = (10_000, 1_000_000)
OPEN_OF = 50  # one ticket in so many is open
DUE, TIMES, MOST_RATIO = 20, 50, 3.0
WORKSPACE = "T0BENCH"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADS = ("database", "tickets", "open", "due", "found ms", "given ms")
EIGHT_TO_FOUR = ((8 * 3600, 16 * 3600),)
OFFICE = Policy(
    calendars={"office": Calendar("Europe/Warsaw", (*[EIGHT_TO_FOUR] * 5, (), ()), holidays="PL")},
    teams={"support": Team("support", "Support", channel="C0SUPPORT", calendar="office", leads=("U0LEAD1",))},
)
KINDS: dict[str, Callable[[], AbstractContextManager[databases.Maker]]] = {
    "SQLite": databases.sqlite,
    "PostgreSQL": databases.postgresql,
}


@dataclass(frozen=True)
class Took:
    """Milliseconds at the median: to find and lock what is due, and to give it, found and written."""

    found: float
    given: float


def measured() -> list[str]:
    """The lines to print: the same number of due alerts, among ever more tickets, on each database."""
    took = {kind: _took(kind) for kind in KINDS}
    rows = [
        (kind, f"{size:,}", f"{size // OPEN_OF:,}", DUE, f"{one.found:.2f}", f"{one.given:.2f}")
        for kind, sizes in took.items()
        for size, one in sizes.items()
    ]
    return [*table(HEADS, rows), *(_ratios(kind, sizes[SIZES[0]], sizes[SIZES[-1]]) for kind, sizes in took.items())]


def _ratios(kind: str, few: Took, many: Took) -> str:
    found, given = many.found / few.found, many.given / few.given
    return f"{kind}: ratio {found:.2f} to find, {given:.2f} to give (goal: at most {MOST_RATIO})"


def _took(kind: str) -> dict[int, Took]:
    """Every size is filled first; then they take turns, so that a slow moment of the machine is slow for all."""
    with KINDS[kind]() as made:
        engines = {size: _filled(made(f"bench_{size}"), size) for size in SIZES}
        found, given = ({size: list[float]() for size in SIZES} for _ in range(2))
        for _ in range(TIMES):
            for size, engine in engines.items():
                found[size].append(_timed(engine, _find))
                given[size].append(_timed(engine, send_due_alerts))
        for engine in engines.values():
            engine.dispose()
    return {size: Took(statistics.median(found[size]), statistics.median(given[size])) for size in SIZES}


def _filled(address: str, size: int) -> Engine:
    engine = create_writer_engine(parse_database_url(address))
    with engine.begin() as connection:
        _fill(connection, size)
    tidy(engine)
    return engine


def _timed(engine: Engine, deed: Callable[[Transaction], int]) -> float:
    """Milliseconds of one deed that is then undone, so that the next one finds the same."""
    with databases.undone(engine, policy=OFFICE, workspace=WORKSPACE, now=NOW) as work:
        began = time.perf_counter()
        many = deed(work)
        took = time.perf_counter() - began
    if many != DUE:
        raise RuntimeError(f"{many} tickets were due, not {DUE}.")
    return took * 1000


def _find(tx: Transaction) -> int:
    return len(take_due_alerts(tx, limit=DUE))


def tidy(engine: Engine) -> None:
    """What either database does by itself in time: it learns what the tables hold."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def _fill(connection: Connection, size: int) -> None:
    """Most tickets are long done, and the database makes them by itself; then those that are open are written."""
    counting = select(literal(1).label("number")).cte("counting", recursive=True)
    numbers = counting.union_all(select(counting.c.number + 1).where(counting.c.number < size))
    for kind, facts in ((Ticket, _ticket(Status.RESOLVED, resolved_at=NOW)), (TimerRow, _clock(TimerState.MET))):
        columns = kind.__table__.columns
        values = (literal(value, columns[name].type) for name, value in facts.items())
        done = select(numbers.c.number, *values).where(numbers.c.number % OPEN_OF > 0)
        connection.execute(insert(kind).from_select(["number", *facts], done))
    still = range(OPEN_OF, size + 1, OPEN_OF)
    connection.execute(insert(Ticket), [_ticket(Status.NEW) | {"number": number} for number in still])
    late = set(range(size // DUE, size + 1, size // DUE))
    alerts = {number: NOW + timedelta(seconds=-number if number in late else number) for number in still}
    connection.execute(
        insert(TimerRow),
        [_clock(TimerState.RUNNING) | {"number": number, "next_alert_at": at} for number, at in alerts.items()],
    )


def _ticket(status: Status, **more: object) -> dict[str, object]:
    facts = dict.fromkeys(("title", "type", "team", "first_line", "requester", "registered_by"), "support")
    ours = {"workspace_id": WORKSPACE, "priority": Priority.NORMAL, "reply_by": ReplyBy.SLACK, "status": status}
    return {**facts, **ours, "created_at": NOW - timedelta(days=1), **more}


def _clock(state: TimerState) -> dict[str, object]:
    ours = {"workspace_id": WORKSPACE, "target": TimerKind.RESOLUTION, "total_s": 3600, "state": state}
    return {**ours, "started_at": NOW - timedelta(days=1), "due_at": NOW - timedelta(hours=1)}
