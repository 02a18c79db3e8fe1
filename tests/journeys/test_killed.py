"""The process is killed at random moments under load: nothing acknowledged is lost, nothing is said twice."""

import asyncio
import os
import random
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import yaml

from bot.emulator.server import Emulator
from services.desk import Desk
from storage.database import Database
from storage.outbox.deliveries import CLAIM_LEASE, waiting_count
from storage.tickets.tickets import open_numbers
from tests.desks import OFFICE, seed

KILLS = 4
PEOPLE = ("U0AGENT1", "U0AGENT2", "U0LEAD1", "U0CLIENT1")
ALWAYS = {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}


async def test_kill_nine_under_load_loses_nothing_and_says_nothing_twice(database_url: str, tmp_path: Path) -> None:
    emulator = Emulator(seed())
    emulator.delivery.retry_delays = (0.0, 0.2, 0.5)
    await emulator.start(port=0)
    run = partial(running, emulator, database_url, described(tmp_path))
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        async with run() as process:
            await killed_while_filing(emulator, process, acknowledged)
    async with run(later=2 * CLAIM_LEASE) as process:  # what the dead had claimed is free again, without the wait
        filed = await tickets_in(database_url)
        await emulator.wait_until(lambda: cards(emulator).keys() >= filed, seconds=100)
        process.terminate()
        await process.wait()

    left = await unsaid(database_url)
    said = cards(emulator)
    await emulator.stop()
    assert len(acknowledged) >= KILLS
    assert acknowledged <= filed
    assert said == Counter(filed)
    assert left == 0


async def killed_while_filing(emulator: Emulator, process: asyncio.subprocess.Process, acknowledged: set[int]) -> None:
    """Everybody files at once; a few acknowledgements later, at no particular moment, the process is gone."""
    stop = asyncio.Event()
    filing = [asyncio.create_task(keeps_filing(emulator, who, acknowledged, stop)) for who in PEOPLE]
    goal = len(acknowledged) + random.randint(1, 12)
    await emulator.wait_until(lambda: len(acknowledged) >= goal, seconds=30)
    asyncio.get_running_loop().call_later(random.random() / 20, process.send_signal, signal.SIGKILL)
    await process.wait()
    stop.set()
    await asyncio.gather(*filing)


def cards(emulator: Emulator) -> Counter[int]:
    """How many cards each ticket has in the team's channel."""
    said = [message["text"] for message in emulator.person("U0LEAD1").visible_messages("C0SUPPORT")]
    return Counter(int(found[1]) for text in said if (found := re.match(r"Ticket #(\d+):", text)))


def described(folder: Path) -> Path:
    """The office, open day and night."""
    path = folder / "desk.yml"
    path.write_text(yaml.safe_dump(OFFICE | {"calendars": {"office": ALWAYS}}))
    return path


async def keeps_filing(emulator: Emulator, who: str, acknowledged: set[int], stop: asyncio.Event) -> None:
    """Files one after another and keeps the numbers that were answered."""
    person, count = emulator.person(who), 0
    while not stop.is_set():
        count += 1
        outcome = await person.command("C0SUPPORT", "/ticket", f"Trouble {count} of {who} {random.random()} !high")
        for message in outcome.ephemerals:
            acknowledged.update(int(number) for number in re.findall(r"^Created #(\d+)", message["text"]))
        await asyncio.sleep(0)


@asynccontextmanager
async def running(
    emulator: Emulator, database_url: str, described: Path, *, later: timedelta = timedelta()
) -> AsyncIterator[asyncio.subprocess.Process]:
    env = {
        "SLACK_BOT_TOKEN": "xoxb-local",
        "SLACK_APP_TOKEN": "xapp-local",
        "SLACK_API_URL": emulator.api_url,
        "DATABASE_URL": database_url,
        "BATON_CONFIG": str(described),
        "PORT": "0",
        "LOG_LEVEL": "ERROR",
        "LATER": str(later.total_seconds()),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.bot_process", env=os.environ | env
    )
    try:
        await emulator.wait_until_connected(seconds=30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await emulator.wait_until(lambda: not emulator.delivery.sockets.is_connected(), seconds=10)


async def tickets_in(database_url: str) -> set[int]:
    async with reading(database_url) as desk:
        return set(await desk.read(open_numbers))


async def unsaid(database_url: str) -> int:
    async with reading(database_url) as desk:
        return await desk.read(waiting_count)


@asynccontextmanager
async def reading(database_url: str) -> AsyncIterator[Desk]:
    database = Database(database_url)
    database.start()
    yield Desk(database, workspace="T0LOCAL")
    await database.stop()
