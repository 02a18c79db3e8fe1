"""Tickets filed per second over signed HTTP, beside a bare Bolt app that only acknowledges, and memory at rest."""

import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import yaml

from bench.load import SECRET, Load
from bot.emulator.server import Emulator
from bot.manifest import manifest

ROUNDS = 5
SECONDS = 2.0
AT_ONCE = (1, 16, 64)
UNREADY = 503
DESK = {
    "calendars": {"always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}},
    "teams": {
        "support": {
            "name": "Support",
            "line": "first",
            "channel": "C0SUPPORT",
            "calendar": "always",
            "agents": ["U0AGENT1"],
        }
    },
    "types": {"network": {"name": "Network", "team": "support"}},
    "sla": [{"first_response": "30m", "resolution": "8h"}],
}


async def measured(rounds: int = ROUNDS, seconds: float = SECONDS) -> list[str]:
    """The lines to print. Both programs run side by side, and the rounds take turns."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with _slack() as api_url, _baton(Path(folder), api_url) as (baton, process), _bare() as floor:
            rest = process.memory_info().rss / 2**20
            lines = [
                f"{'at once':>8} {'filed/s':>9} {'floor/s':>9} {'share':>6} {'p50 ms':>8} {'p99 ms':>8} {'failed':>7}"
            ]
            for at_once in AT_ONCE:
                pairs = [
                    (await _load(baton, at_once, seconds), await _load(floor, at_once, seconds)) for _ in range(rounds)
                ]
                lines.append(_line(at_once, pairs))
                lines += [f"         {ours.failure}" for ours, _ in pairs if ours.failure][:1]
            loaded = process.memory_info().rss / 2**20
    return [*lines, f"memory at rest {rest:.0f} MiB, after the load {loaded:.0f} MiB (synchronous=FULL, one process)"]


def _line(at_once: int, pairs: list[tuple[Load, Load]]) -> str:
    ours, floors = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    share = statistics.median(mine.rate / floor.rate for mine, floor in pairs)
    middle = statistics.median
    return (
        f"{at_once:>8} {middle(one.rate for one in ours):>9.0f} "
        f"{middle(one.rate for one in floors):>9.0f} {share:>6.2f} "
        f"{middle(one.p50_ms for one in ours):>8.1f} {middle(one.p99_ms for one in ours):>8.1f} "
        f"{sum(one.failed for one in ours):>7}"
    )


async def _load(port: int, at_once: int, seconds: float) -> Load:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", str(port), str(at_once), str(seconds), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return Load(**json.loads(out))


@asynccontextmanager
async def _slack() -> AsyncIterator[str]:
    """A local workspace that takes the cards."""
    seed: dict[str, Any] = {
        "team": {"id": "T0BENCH", "name": "Bench", "domain": "bench"},
        "people": [{"id": "U0AGENT1", "name": "ana", "real_name": "Ana"}],
        "channels": [{"id": "C0SUPPORT", "name": "support", "members": ["U0AGENT1", "U0BATON"]}],
        "app": {
            "id": "A0BENCH",
            "bot_user": "U0BATON",
            "bot_id": "B0BATON",
            "name": "Baton",
            "bot_token": "xoxb-bench",
            "app_token": "xapp-bench",
            "signing_secret": SECRET,
            "manifest": manifest(),
        },
    }
    emulator = Emulator(seed)
    await emulator.start(port=0)
    try:
        yield emulator.api_url
    finally:
        await emulator.stop()


@asynccontextmanager
async def _baton(folder: Path, api_url: str) -> AsyncIterator[tuple[int, psutil.Process]]:
    (folder / "desk.yml").write_text(yaml.safe_dump(DESK))
    port = _free_port()
    env = {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api_url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bench.db'}",
        "BATON_CONFIG": str(folder / "desk.yml"),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": os.getcwd(),
    }
    async with _running(["-m", "bot", "run"], os.environ | env, port, "/readyz") as process:
        yield port, process


@asynccontextmanager
async def _bare() -> AsyncIterator[int]:
    port = _free_port()
    async with _running(["-m", "bench.bare", str(port)], dict(os.environ), port, "/slack/events"):
        yield port


@asynccontextmanager
async def _running(words: list[str], env: dict[str, str], port: int, path: str) -> AsyncIterator[psutil.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=env)
    try:
        await _answers(f"http://127.0.0.1:{port}{path}")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _answers(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status != UNREADY:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
