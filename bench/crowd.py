"""A crowd around a few tickets on PostgreSQL, through one process of Baton and through two: who shares commits may not
stand in the other's way."""

import asyncio
import json
import random
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Sequence

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

SECONDS = 10.0
TICKETS = 8
PEOPLE_PER_PROCESS = 32
PROCESSES = (1, 2)
HEADS = ("processes", "people", "operations/s", "not saved", "deadlocks", "goal")
AGENT = "U0AGENT1"


def report_lines() -> list[str]:
    """The lines to print. One process and two have the same number of people, who each wait for their answer."""
    with postgresql_databases() as make_database:
        rows = [asyncio.run(_measured_row(make_database(f"crowd_{number}"), number)) for number in PROCESSES]
    return table_lines(HEADS, rows)


async def _measured_row(address: str, processes: int) -> list[str]:
    await _file_tickets(address)
    people = PEOPLE_PER_PROCESS * max(PROCESSES) // processes
    command = (sys.executable, "-m", "bench.crowd", address, str(people), str(SECONDS))
    started = [await asyncio.create_subprocess_exec(*command, stdout=PIPE) for _ in range(processes)]
    results = [json.loads(out) for out, _ in await asyncio.gather(*(one.communicate() for one in started))]
    saved, refused = (sum(result[name] for result in results) for name in ("saved", "refused"))
    goal = "" if processes == 1 else "0, as much as one"
    return [str(processes), str(people * processes), f"{saved / SECONDS:,.0f}", str(refused), _deadlocks(address), goal]


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


def _deadlocks(address: str) -> str:
    url = make_url(address).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        row = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return str(row[0]) if row is not None else "?"


async def _crowd(address: str, people: int, seconds: float) -> dict[str, int]:
    """Each person writes a note under some ticket, waits until it is saved, and writes the next."""
    database = Database(address)
    database.start()
    desk = Desk(database, workspace=WORKSPACE)
    await open_desk(desk, initial=CONFIGURATION)
    counts, end = {"saved": 0, "refused": 0}, time.perf_counter() + seconds

    async def write_notes() -> None:
        while time.perf_counter() < end:
            number = random.randint(1, TICKETS)
            try:
                await desk.execute(tickets.add_note, number, by=AGENT, text="We have seen it.")
            except Refused:
                counts["refused"] += 1
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
