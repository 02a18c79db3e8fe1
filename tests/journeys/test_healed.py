"""Everything that lives as long as the process is killed in turn while people file: the desk heals by itself."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot import metrics
from bot.emulator.server import Emulator
from bot.runtime.assembly import Baton, assemble_baton
from bot.runtime.run import serve_with_jobs
from bot.settings import make_settings
from bot.slack.manifest import EVENTS_PATH
from bot.slack.server import open_listener
from services.desk import utc_now
from storage.jobs import last_runs
from storage.tickets.tickets import open_numbers
from tests.desks import patient_emulator, seed
from tests.journeys.test_killed import cards, described, keeps_filing
from tests.patience import PATIENCE_SECONDS
from tests.storage.broken import kill_writer

SDK_TASKS = {"process_messages", "receive_messages", "monitor_current_session"}
OTHER_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Running:
    """Baton in this process as `baton run` runs it, with the address of its pages."""

    emulator: Emulator
    baton: Baton
    url: str

    def tasks(self, name: str) -> list[asyncio.Task[object]]:
        """The supervised task of that name, or the one that runs the SDK's function of that name."""
        alive = [task for task in asyncio.all_tasks() if not task.done()]
        return [one for one in alive if name in (one.get_name(), getattr(one.get_coro(), "__name__", ""))]

    async def kill(self, *names: str) -> None:
        """Until all of them live again."""
        killed = [task for name in names for task in self.tasks(name)]
        for task in killed:
            task.cancel()
        await self.emulator.wait_until(
            lambda: all(set(self.tasks(name)) - set(killed) for name in names), seconds=PATIENCE_SECONDS
        )

    async def readiness(self) -> tuple[int, dict[str, object]]:
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/readyz") as answer:
            return answer.status, json.loads(await answer.text())


@pytest.mark.parametrize("is_http", [False, True])
async def test_everything_that_lives_long_is_killed_in_turn_under_load(
    database_url: str, tmp_path: Path, is_http: bool
) -> None:
    async with running(database_url, described(tmp_path), is_http=is_http) as desk:
        async with filing(desk) as acknowledged:
            for name in sorted(supervised()):
                await desk.kill(name)
            if not is_http:
                await desk.kill(*SDK_TASKS)
            await kill_writer(desk.baton.desk.database)
            cut_connections(database_url)
            killed_at, count = utc_now(), len(acknowledged)
            await desk.emulator.wait_until(lambda: len(acknowledged) > count + 5, seconds=PATIENCE_SECONDS)
            await warned_after(desk, killed_at)
        filed = set(await desk.baton.desk.read(open_numbers))
        await desk.emulator.wait_until(lambda: cards(desk.emulator).keys() >= filed, seconds=2 * PATIENCE_SECONDS)
        readiness = await desk.readiness()

    assert acknowledged <= filed
    assert cards(desk.emulator) == Counter(filed)
    assert readiness == (200, {"status": "ok", "reasons": []})


async def warned_after(desk: Running, moment: datetime) -> None:
    """Until the alerts have been looked at again."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any(
            run.name == "sla.warn" and run.started_at and run.started_at > moment and not run.failed
            for run in await desk.baton.desk.read(last_runs)
        ):
            continue


async def everything_lives(*, is_http: bool) -> None:
    """What is started last lives."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while ("web server" if is_http else "Slack connection") not in supervised():  # noqa: ASYNC110
            await asyncio.sleep(0)


def supervised() -> set[str]:
    page = metrics.render_metrics().decode().splitlines()
    return {line.split('"')[1] for line in page if line.startswith("baton_task_alive{") and line.endswith(" 1.0")}


@asynccontextmanager
async def filing(desk: Running) -> AsyncIterator[set[int]]:
    """Ana files one ticket after another, inside this block; the numbers that were acknowledged."""
    acknowledged, stop = set[int](), asyncio.Event()
    ana = asyncio.create_task(keeps_filing(desk.emulator, "U0AGENT1", acknowledged, stop))
    try:
        yield acknowledged
    finally:
        stop.set()
        await ana


@asynccontextmanager
async def running(database_url: str, description: Path, *, is_http: bool) -> AsyncIterator[Running]:
    emulator = patient_emulator(seed())
    await emulator.start(port=0)
    token = {"slack_signing_secret": "local-secret"} if is_http else {"slack_app_token": "xapp-local"}
    settings = make_settings(
        slack_bot_token="xoxb-local",
        slack_api_url=emulator.api_url,
        database_url=database_url,
        baton_config=description,
        baton_sweep_seconds=1,
        port=0,
        **token,
    )
    with open_listener(settings) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with assemble_baton(settings, pace=0) as baton:
            serving = asyncio.create_task(serve_with_jobs(baton, settings, listener))
            emulator.use_http(f"{url}{EVENTS_PATH}") if is_http else await emulator.wait_until_connected()
            await everything_lives(is_http=is_http)
            yield Running(emulator, baton, url)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
    await emulator.stop()


def cut_connections(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(OTHER_CONNECTIONS)
