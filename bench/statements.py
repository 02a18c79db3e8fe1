"""Filing with the compiled statements of storage/compiled.py, beside the same statements run by SQLAlchemy."""

import asyncio
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from typing import Any

import uvloop
from sqlalchemy import Engine

from bench.databases import DATABASES, rolled_back
from bench.desk import CONFIGURATION, WORKSPACE
from bench.load_generator import TEXT
from bench.tables import table_lines
from rules.intake.requests import TicketRequest
from rules.model.policy import Policy
from services import intake
from services.config import open_desk
from services.desk import Desk, utc_now
from storage import events, idempotency
from storage.compiled import CompiledStatement, Values
from storage.database import Database, create_writer_engine, parse_database_url
from storage.outbox import outbox
from storage.sla import timers
from storage.tickets import tickets
from storage.transaction import Transaction

FILINGS, REPLAYS = 100, 15
AT_ONCE, SECONDS, ROUNDS = 16, 1.0, 15
STATEMENT_HEADS = ("database", "statement", "per filing", "compiled CPU µs", "SQLAlchemy CPU µs", "ratio")
FILING_HEADS = ("database", "compiled/s", "SQLAlchemy/s", "share", "compiled CPU µs", "SQLAlchemy CPU µs", "share")

CpuTimes = dict[CompiledStatement, float]


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a statement, or with `many` one call of `run_many`."""

    statement: CompiledStatement
    rows: Sequence[Values]
    many: bool = False

    def run(self, tx: Transaction) -> None:
        if self.many:
            self.statement.run_many(tx, self.rows)
        else:
            self.statement.run(tx, self.rows[0])


@dataclass(frozen=True, slots=True)
class Filed:
    """Tickets per second, and seconds of CPU per ticket in this process: on PostgreSQL its server is another one."""

    rate: float
    cpu: float


def report_lines() -> list[str]:
    """The lines to print: each statement alone, then filing as a whole; medians, the two ways take turns."""
    statements, filings = list[Sequence[str]](), list[Sequence[str]]()
    for name, open_databases in DATABASES.items():
        with open_databases() as make_database:
            address = make_database("bench_statements")
            statements += [(name, *row) for row in _statement_rows(address, asyncio.run(_created_policy(address)))]
            filings.append((name, *uvloop.run(_filing_row(make_database("bench_filing")))))
    return [
        *table_lines(STATEMENT_HEADS, statements),
        f"Filing, {AT_ONCE} at once, and what SQLAlchemy keeps of its throughput:",
        *table_lines(FILING_HEADS, filings),
    ]


def by_sqlalchemy() -> AbstractContextManager[None]:
    """The statements run through `Connection.execute` and SQLAlchemy's cache of compiled statements."""
    return _replaced(_run_by_sqlalchemy, _run_many_by_sqlalchemy)


WAYS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {"compiled": nullcontext, "SQLAlchemy": by_sqlalchemy}


def _run_by_sqlalchemy(statement: CompiledStatement, tx: Transaction, values: Values) -> tuple[Any, ...] | None:
    result = tx.execute(statement._statements[tx.connection.dialect.name], dict(values))
    row = result.fetchone() if result.returns_rows else None
    return None if row is None else tuple(row)


def _run_many_by_sqlalchemy(statement: CompiledStatement, tx: Transaction, rows: Sequence[Values]) -> None:
    tx.execute(statement._statements[tx.connection.dialect.name], [dict(values) for values in rows])


@contextmanager
def _replaced(run: Callable[..., Any], run_many: Callable[..., None]) -> Iterator[None]:
    before = CompiledStatement.run, CompiledStatement.run_many
    CompiledStatement.run, CompiledStatement.run_many = run, run_many  # type: ignore[method-assign]
    try:
        yield
    finally:
        CompiledStatement.run, CompiledStatement.run_many = before  # type: ignore[method-assign]


def _alternating(rounds: int) -> Iterator[str]:
    """Each round has both ways, and begins with the other one than the round before."""
    for number in range(rounds):
        yield from sorted(WAYS, reverse=number % 2 == 1)


def _statement_rows(address: str, policy: Policy) -> Iterator[Sequence[str]]:
    engine = create_writer_engine(parse_database_url(address))
    calls = _captured_calls(engine, policy)
    times: dict[str, list[CpuTimes]] = {way: [] for way in WAYS}
    for way in _alternating(REPLAYS):
        with WAYS[way](), rolled_back(engine, policy=policy, workspace=WORKSPACE, now=utc_now()) as tx:
            times[way].append(_replayed(tx, calls))
    engine.dispose()
    names = _statement_names()
    for statement, runs in Counter(call.statement for call in calls).items():
        compiled, by_cache = ([one[statement] / runs for one in times[way]] for way in WAYS)
        ratio = statistics.median(slow / fast for fast, slow in zip(compiled, by_cache, strict=True))
        yield (
            names[statement],
            f"{runs / FILINGS:.0f}",
            _microseconds(compiled),
            _microseconds(by_cache),
            f"{ratio:.1f}",
        )


def _captured_calls(engine: Engine, policy: Policy) -> list[Call]:
    """The calls of some filings, which are then rolled back."""
    calls: list[Call] = []
    run, run_many = CompiledStatement.run, CompiledStatement.run_many

    def capture(statement: CompiledStatement, tx: Transaction, values: Values) -> tuple[Any, ...] | None:
        calls.append(Call(statement, [values]))
        return run(statement, tx, values)

    def capture_many(statement: CompiledStatement, tx: Transaction, rows: Sequence[Values]) -> None:
        calls.append(Call(statement, rows, many=True))
        run_many(statement, tx, rows)

    with (
        rolled_back(engine, policy=policy, workspace=WORKSPACE, now=utc_now()) as tx,
        _replaced(capture, capture_many),
    ):
        for number in range(FILINGS):
            key = f"command:{number}"
            idempotency.recorded_answer(tx, key)
            idempotency.save_answer(tx, key, intake.file_request(tx, _request(number), typed=_text(number)))
    return calls


def _replayed(tx: Transaction, calls: Sequence[Call]) -> CpuTimes:
    times: CpuTimes = defaultdict(float)
    for call in calls:
        began = time.thread_time()
        call.run(tx)
        times[call.statement] += time.thread_time() - began
    return times


def _statement_names() -> dict[CompiledStatement, str]:
    """`module.NAME` of every compiled statement that filing uses."""
    modules = (idempotency, tickets, events, timers, outbox)
    return {
        value: f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, CompiledStatement)
    }


@asynccontextmanager
async def _desk(address: str) -> AsyncIterator[Desk]:
    database = Database(address)
    database.start()
    try:
        desk = Desk(database, workspace=WORKSPACE)
        await open_desk(desk, initial=CONFIGURATION)
        yield desk
    finally:
        await database.stop()


async def _created_policy(address: str) -> Policy:
    """The policy of a desk that is created in the database."""
    async with _desk(address) as desk:
        return desk.policy


async def _filing_row(address: str) -> Sequence[str]:
    results: dict[str, list[Filed]] = {way: [] for way in WAYS}
    numbers = count(1)
    async with _desk(address) as desk:
        for way in [*WAYS, *_alternating(ROUNDS)]:
            with WAYS[way]():
                results[way].append(await _file(desk, numbers))
    compiled, by_cache = (results[way][1:] for way in WAYS)
    pairs = list(zip(compiled, by_cache, strict=True))
    return (
        *(f"{statistics.median(one.rate for one in way):,.0f}" for way in (compiled, by_cache)),
        f"{statistics.median(slow.rate / fast.rate for fast, slow in pairs):.2f}",
        *(_microseconds([one.cpu for one in way]) for way in (compiled, by_cache)),
        f"{statistics.median(fast.cpu / slow.cpu for fast, slow in pairs):.2f}",
    )


async def _file(desk: Desk, numbers: Iterator[int]) -> Filed:
    began, cpu_began = time.perf_counter(), time.process_time()
    filed = 0

    async def file_tickets() -> None:
        nonlocal filed
        while time.perf_counter() - began < SECONDS:
            number = next(numbers)
            await desk.execute_once(f"command:{number}", intake.file_request, _request(number), typed=_text(number))
            filed += 1

    await asyncio.gather(*(file_tickets() for _ in range(AT_ONCE)))
    return Filed(filed / (time.perf_counter() - began), (time.process_time() - cpu_began) / filed)


def _request(number: int) -> TicketRequest:
    return TicketRequest(title=_text(number), requester="U0AGENT1", registered_by="U0AGENT1", type="network")


def _text(number: int) -> str:
    return f"{TEXT} {number}"


def _microseconds(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1_000_000:,.0f}"
