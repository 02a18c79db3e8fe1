"""A log imported by `baton import`, beside a plain executemany of the rows that it left in the database.

Each import runs in a process of its own, as `baton import` is, and its peak memory is that process's.
"""

import asyncio
import csv
import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from psycopg.types.json import Json
from sqlalchemy import Engine

from bench.databases import DATABASES
from bench.desk import CONFIGURATION
from bench.tables import table_lines
from bot.cli.import_log import import_ticket_log
from bot.settings import Settings
from storage.database import create_writer_engine, parse_database_url
from storage.schema.columns import Table

TICKETS, ROWS_OF_TICKET = 3000, 6
LENGTHS = (1, 4)  # how many times so many tickets; memory must not grow with them
GOALS = {"SQLite": "10,000", "PostgreSQL": "5,000"}
HEADS = ("database", "rows", "rows/s", "goal", "plain rows/s", "ratio", "peak MiB")
TABLES = ("tickets", "events", "clocks", "sla_outcomes", "sla_periods", "imported_logs")
STATES = ("New", "Active", "Awaiting User Info", "Active", "Resolved", "Closed")
FIRST = datetime(2025, 1, 7, 8, tzinfo=UTC)


def report_lines() -> list[str]:
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        (Path(folder) / "desk.yml").write_text(yaml.safe_dump(CONFIGURATION), encoding="utf-8")
        rows = [_result_row(name, length, Path(folder)) for name in DATABASES for length in LENGTHS]
    return table_lines(HEADS, rows)


def _result_row(name: str, length: int, folder: Path) -> list[str]:
    log = write_log(folder / "log.csv", TICKETS * length)
    count = TICKETS * length * ROWS_OF_TICKET
    with DATABASES[name]() as make_database:
        address, plain_address = make_database("imported"), make_database("plain")
        ours, peak = _import_in_process(address, log, folder / "desk.yml")
        plain = _copy_rows(address, plain_address)
    rates = (f"{count / ours:,.0f}", GOALS[name], f"{count / plain:,.0f}", f"{plain / ours:.2f}")
    return [name, f"{count:,}", *rates, f"{peak:.0f}"]


def write_log(path: Path, tickets: int) -> Path:
    """A log in ServiceNow's form, every ticket from new to closed by way of another team."""
    with path.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for ticket in range(tickets):
            writer.writerows(_ticket_rows(ticket))
    return path


COLUMNS = (
    *("number", "incident_state", "opened_at", "sys_updated_at", "sys_updated_by", "priority", "category"),
    *("assignment_group", "assigned_to", "caller_id", "opened_by", "resolved_by", "resolved_at", "closed_at"),
    *("reopen_count", "closed_code", "subcategory", "u_symptom", "contact_type", "location", "cmdb_ci", "vendor"),
    *("problem_id", "rfc", "caused_by", "impact", "urgency", "knowledge"),
)


def _ticket_rows(ticket: int) -> Iterator[list[str]]:
    opened = FIRST + timedelta(minutes=7 * ticket % 400_000)
    for step, state in enumerate(STATES):
        at = f"{opened + timedelta(hours=3 * step):%d-%m-%Y %H:%M}"
        team, agent = f"Group {(ticket + step // 3) % 20}", f"Resolver {(ticket + step // 3) % 90}" if step else "?"
        times = [f"{opened:%d-%m-%Y %H:%M}", at, f"Updated by {ticket % 70}", "3 - Moderate", f"Category {ticket % 40}"]
        people = [team, agent, f"Caller {ticket % 900}", f"Opened by {ticket % 50}", agent, "?", "?"]
        yield [f"INC{ticket:07}", state, *times, *people, "0", *(f"Word {ticket % (n + 7)}" for n in range(12)), "TRUE"]


def _import_in_process(address: str, log: Path, desk_file: Path) -> tuple[float, float]:
    """Seconds, and peak memory in MiB."""
    command = [sys.executable, "-m", "bench.imports", address, str(log), str(desk_file)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = output.split()
    return float(seconds), float(peak)


def _copy_rows(address: str, plain_address: str) -> float:
    """Seconds that the same rows take by the driver's executemany alone, in one transaction."""
    source, target = (create_writer_engine(parse_database_url(one)) for one in (address, plain_address))
    rows = {name: _stored_rows(source, name) for name in TABLES}
    seconds = 0.0
    with target.begin() as connection:
        sign = "?" if target.dialect.name == "sqlite" else "%s"
        cursor = connection.connection.cursor()
        for name, values in rows.items():
            signs = ", ".join([sign] * len(values[0]))
            started = time.perf_counter()
            cursor.executemany(f"INSERT INTO {name} ({columns_of(name)}) VALUES ({signs})", values)
            seconds += time.perf_counter() - started
    source.dispose()
    target.dispose()
    return seconds


def _stored_rows(engine: Engine, table: str) -> Sequence[tuple[Any, ...]]:
    """As the driver has them."""
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"SELECT {columns_of(table)} FROM {table}")
        return [tuple(Json(one) if isinstance(one, dict | list) else one for one in row) for row in cursor.fetchall()]


def columns_of(table: str) -> str:
    return ", ".join(f'"{column.name}"' for column in Table.metadata.tables[table].columns)


def main(address: str, log: str, desk_file: str) -> None:
    settings = Settings.model_construct(database_url=address, baton_config=Path(desk_file))
    gc.freeze()  # as the command does
    started = time.perf_counter()
    report = asyncio.run(import_ticket_log(settings, Path(log), "servicenow"))
    seconds = time.perf_counter() - started
    if report.faults.count:
        sys.exit("\n".join(map(str, report.lines()[:5])))
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
