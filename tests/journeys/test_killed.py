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
from pathlib import Path

import yaml

from bot.emulator.server import Emulator
from desk.desk import Desk
from storage.database import Database
from storage.deliveries import waiting
from storage.tickets import find
from tests.desks import OFFICE, seed

KILLS = 4
PEOPLE = ("U0AGENT1", "U0AGENT2", "U0LEAD1", "U0CLIENT1")
ALWAYS = {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}


async def test_kill_nine_under_load_loses_nothing_and_says_nothing_twice(database_url: str, tmp_path: Path) -> None:
    dice = random.Random()
    described = tmp_path / "desk.yml"
    described.write_text(yaml.safe_dump(OFFICE | {"calendars": {"office": ALWAYS}}))
    emulator = Emulator(seed(), retry_after=(0.0, 0.2, 0.5))
    await emulator.start(port=0)
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        async with running(emulator, database_url, described) as process:
            stop = asyncio.Event()
            filing = [asyncio.create_task(keeps_filing(emulator, who, acknowledged, stop)) for who in PEOPLE]
            before = len(acknowledged)
            await emulator.until(lambda goal=before + dice.randint(1, 12): len(acknowledged) >= goal, seconds=30)
            await asyncio.sleep(dice.random() * 0.05)
            process.send_signal(signal.SIGKILL)
            stop.set()
            await asyncio.gather(*filing)

    async with running(emulator, database_url, described):
        desk = await read_desk(database_url)
        await until_said(emulator, desk)
        held = {number for number in acknowledged if await desk.ask(find, number) is not None}
        numbers = [number for number in range(1, 2000) if await desk.ask(find, number) is not None]
        await desk.database.stop()

    cards = Counter(
        int(re.findall(r"Ticket #(\d+):", message["text"])[0])
        for message in emulator.person("U0LEAD1").sees("C0SUPPORT")
        if message["text"].startswith("Ticket #")
    )
    await emulator.stop()
    assert len(acknowledged) >= KILLS
    assert held == acknowledged
    assert cards == Counter(numbers)


async def keeps_filing(emulator: Emulator, who: str, acknowledged: set[int], stop: asyncio.Event) -> None:
    """Files one after another and keeps the numbers that were answered."""
    person, count = emulator.person(who), 0
    while not stop.is_set():
        count += 1
        outcome = await person.command("C0SUPPORT", "/ticket", f"Trouble {count} of {who} {random.random()} !high")
        for message in outcome.ephemerals:
            acknowledged.update(int(number) for number in re.findall(r"^Filed #(\d+)", message["text"]))
        await asyncio.sleep(0)


@asynccontextmanager
async def running(
    emulator: Emulator, database_url: str, described: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    env = {
        "SLACK_BOT_TOKEN": "xoxb-local",
        "SLACK_APP_TOKEN": "xapp-local",
        "SLACK_API_URL": emulator.api_url,
        "DATABASE_URL": database_url,
        "BATON_CONFIG": str(described),
        "PORT": "0",
        "LOG_LEVEL": "ERROR",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.bot_process", env=os.environ | env
    )
    try:
        await emulator.connected(seconds=30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await emulator.until(lambda: not emulator.delivery.sockets.connected(), seconds=10)


async def read_desk(database_url: str) -> Desk:
    database = Database(database_url)
    database.start()
    return Desk(database, workspace="T0LOCAL")


async def until_said(emulator: Emulator, desk: Desk) -> None:
    """Until the outbox is empty: a claim of the killed process lapses after a minute at most."""
    async with asyncio.timeout(120):
        while await desk.ask(waiting):
            await asyncio.sleep(0.1)
