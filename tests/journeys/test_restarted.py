"""PostgreSQL is restarted while people file and ask: nobody reads that something broke, and no card is missing."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest

from storage.tickets.tickets import open_numbers
from tests.databases import Server
from tests.journeys.test_healed import Running, running
from tests.journeys.test_killed import cards, described
from tests.patience import PATIENCE_SECONDS

LINES = {"U0AGENT1": ("/ticket", "VPN is down !high"), "U0LEAD1": ("/report", ""), "U0LEAD2": ("/desk", "")}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("is_http", [False, True])
async def test_a_restart_of_the_database_in_mid_load_breaks_nothing(
    database_url: str, postgresql_server: Server, tmp_path: Path, is_http: bool
) -> None:
    async with running(database_url, described(tmp_path), is_http=is_http) as desk:
        answers, stop = list[str](), asyncio.Event()
        people = [asyncio.create_task(keep_asking(desk, person, answers, stop)) for person in LINES]
        await until_filed(desk, answers, 5)
        await asyncio.to_thread(postgresql_server.stop)
        await until_told(desk, answers, "database does not answer")
        await asyncio.to_thread(postgresql_server.ensure_postgres_running)
        await until_filed(desk, answers, len(filed(answers)) + 5)
        stop.set()
        await asyncio.gather(*people)
        numbers = set(await desk.baton.desk.read(open_numbers))
        await desk.emulator.wait_until(lambda: cards(desk.emulator).keys() >= numbers, seconds=2 * PATIENCE_SECONDS)

    assert [answer for answer in answers if "broke" in answer] == []
    assert filed(answers) <= numbers
    assert cards(desk.emulator) == Counter(numbers)


async def keep_asking(desk: Running, who: str, answers: list[str], stop: asyncio.Event) -> None:
    """Types the same line over and over and keeps what is answered."""
    command, line = LINES[who]
    while not stop.is_set():
        typed = f"{line} {len(answers)}" if line else ""
        outcome = await desk.emulator.person(who).command("C0SUPPORT", command, typed)
        answers += [message["text"] for message in outcome.ephemerals]


def filed(answers: list[str]) -> set[int]:
    return {int(number) for answer in answers for number in re.findall(r"^Created #(\d+)", answer)}


async def until_filed(desk: Running, answers: list[str], count: int) -> None:
    await desk.emulator.wait_until(lambda: len(filed(answers)) >= count, seconds=PATIENCE_SECONDS)


async def until_told(desk: Running, answers: list[str], words: str) -> None:
    await desk.emulator.wait_until(lambda: any(words in answer for answer in answers), seconds=PATIENCE_SECONDS)
