"""A crowd around a few tickets on PostgreSQL, through one process of Baton and through two: who shares commits may not
stand in the other's way."""

import asyncio
import json
import random
import statistics
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy.engine import make_url

from bench.databases import postgresql_databases
from bench.desk import CONFIGURATION, WORKSPACE
from bench.tables import table_lines
from rules.errors import Refused
from rules.intake.requests import TicketRequest
from services.config import open_desk
from services.desk import Desk
from services.tickets import tickets
from storage.database import Database

ROUNDS, SECONDS = 3, 5.0
TICKETS = 8
PEOPLE = 32
PROCESSES = (1, 2)
HEADS = ("processes", "people", "operations/s", "not saved", "deadlocks", "goal")
GOALS = {2: "no deadlock, as much as one"}
AGENT = "U0AGENT1"


@dataclass(frozen=True, slots=True)
class Round:
    saved: int
    not_saved: int
    deadlocks: int


def report_lines() -> list[str]:
    """The lines to print. The same number of people, each waiting for their answer; one process and two take turns."""
    rounds: dict[int, list[Round]] = {number: [] for number in PROCESSES}
    with postgresql_databases() as make_database:
        for turn in range(ROUNDS):
            for number in PROCESSES:
                rounds[number].append(asyncio.run(_run_crowd(make_database(f"crowd_{turn}_{number}"), number)))
    return table_lines(HEADS, [_result_row(number, taken) for number, taken in rounds.items()])


def _result_row(processes: int, rounds: Sequence[Round]) -> list[str]:
    rate = statistics.median(taken.saved for taken in rounds) / SECONDS
    not_saved, deadlocks = sum(taken.not_saved for taken in rounds), sum(taken.deadlocks for taken in rounds)
    return [str(processes), str(PEOPLE), f"{rate:,.0f}", str(not_saved), str(deadlocks), GOALS.get(processes, "")]


async def _run_crowd(address: str, processes: int) -> Round:
    await _file_tickets(address)
    command = (sys.executable, "-m", "bench.crowd", address, str(PEOPLE // processes), str(SECONDS))
    started = [await asyncio.create_subprocess_exec(*command, stdout=PIPE) for _ in range(processes)]
    results = [json.loads(out) for out, _ in await asyncio.gather(*(one.communicate() for one in started))]
    saved, not_saved = (sum(result[name] for result in results) for name in ("saved", "not_saved"))
    return Round(saved, not_saved, _deadlocks(address))


async def _file_tickets(address: str) -> None:
    database = Database(address)
    database.start()
    desk = Desk(database, workspace=WORKSPACE)
    await open_desk(desk, initial=CONFIGURATION)
    request = TicketRequest(title="VPN is down", requester=AGENT, registered_by=AGENT, type="network")
    for number in range(1, TICKETS + 1):
        await desk.execute(tickets.create_ticket, request)
        await desk.execute(tickets.take, number, by=AGENT)
    await database.stop()


def _deadlocks(address: str) -> int:
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(row[0]) if row is not None else 0


async def _crowd(address: str, people: int, seconds: float) -> dict[str, int]:
    """Each person writes a note under some ticket, waits until it is saved, and writes the next."""
    database = Database(address)
    database.start()
    desk = Desk(database, workspace=WORKSPACE)
    await open_desk(desk, initial=CONFIGURATION)
    counts, end = {"saved": 0, "not_saved": 0}, time.perf_counter() + seconds

    async def write_notes() -> None:
        while time.perf_counter() < end:
            number = random.randint(1, TICKETS)
            try:
                await desk.execute(tickets.add_note, number, by=AGENT, text="We have seen it.")
            except Refused:
                counts["not_saved"] += 1
            else:
                counts["saved"] += 1

    await asyncio.gather(*(write_notes() for _ in range(people)))
    await database.stop()
    return counts


def main(arguments: Sequence[str]) -> None:
    address, people, seconds = arguments
    print(json.dumps(asyncio.run(_crowd(address, int(people), float(seconds)))))


if __name__ == "__main__":
    main(sys.argv[1:])
