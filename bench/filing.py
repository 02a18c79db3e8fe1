"""Tickets filed per second over signed HTTP, and memory at rest, beside two floors.

One floor is a bare Bolt app that only acknowledges; the other also stores the rows of one filing, as fast as one
process can (bench/stored.py): no design reaches more than its share."""

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
import yaml

from bench.desk import DESK, TEAM
from bench.load import SECRET, Load
from bench.tables import table
from bot.emulator.server import Emulator
from bot.slack.manifest import load_manifest

ROUNDS = 5
SECONDS = 2.0
PROGRAMS = ("Baton", "the app that stores", "the bare app")
AT_ONCE = (1, 16, 64)
HEADS = ("at once", "filed/s", "stored/s", "bare/s", "share", "most", "goal", "p50 ms", "p99 ms", "goal")
GOALS = {16: ("0.50", "<100")}
MOST_MEMORY = 120
UNREADY = 503

Turn = tuple[Load, Load, Load]


async def measured(rounds: int = ROUNDS, seconds: float = SECONDS) -> list[str]:
    """The lines to print. The programs run side by side, and the rounds take turns."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with (
            _slack() as api_url,
            _baton(Path(folder), api_url) as (baton, process),
            _floor("bench.stored") as stored,
            _floor("bench.bare") as bare,
        ):
            rest = await _memory(process)
            turns = {
                at_once: [
                    (
                        await _load(baton, at_once, seconds, "Filed"),
                        await _load(stored, at_once, seconds, ""),
                        await _load(bare, at_once, seconds, ""),
                    )
                    for _ in range(rounds)
                ]
                for at_once in AT_ONCE
            }
            loaded = await _memory(process)
    failed = [line for at_once, taken in turns.items() for line in _failed(at_once, taken)]
    memory = f"memory at rest {rest:.0f} MiB (goal: under {MOST_MEMORY}), after the load {loaded:.0f} MiB"
    return [*table(HEADS, [_row(at_once, taken) for at_once, taken in turns.items()]), *failed, memory]


def _row(at_once: int, turns: list[Turn]) -> list[str]:
    ours = [turn[0] for turn in turns]
    middle = statistics.median
    least, most_p99 = GOALS.get(at_once, ("", ""))
    return [
        str(at_once),
        *(f"{middle(load.rate for load in loads):,.0f}" for loads in zip(*turns, strict=True)),
        f"{middle(mine.rate / bare.rate for mine, _, bare in turns):.2f}",
        f"{middle(stored.rate / bare.rate for _, stored, bare in turns):.2f}",
        least,
        f"{middle(one.p50_ms for one in ours):.1f}",
        f"{middle(one.p99_ms for one in ours):.1f}",
        most_p99,
    ]


def _failed(at_once: int, turns: list[Turn]) -> list[str]:
    """What went wrong, by program: with failures in it a figure says little."""
    return [
        f"{at_once} at once: {who} failed {len(failures)} times, first with: {failures[0]}"
        for who, loads in zip(PROGRAMS, zip(*turns, strict=True), strict=True)
        if (failures := [one.failure for one in loads for _ in range(one.failed)])
    ]


async def _memory(process: int) -> float:
    """What the process holds in memory, in MiB."""
    asked = await asyncio.create_subprocess_exec("ps", "-o", "rss=", "-p", str(process), stdout=asyncio.subprocess.PIPE)
    out, _ = await asked.communicate()
    return int(out) / 1024


async def _load(port: int, at_once: int, seconds: float, says: str) -> Load:
    words = (str(port), str(at_once), str(seconds), says)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return Load(**json.loads(out))


@asynccontextmanager
async def _slack() -> AsyncIterator[str]:
    """A local workspace that takes the cards."""
    seed: dict[str, Any] = {
        "team": {"id": TEAM, "name": "Bench", "domain": "bench"},
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
            "manifest": load_manifest(),
        },
    }
    emulator = Emulator(seed)
    await emulator.start(port=0)
    try:
        yield emulator.api_url
    finally:
        await emulator.stop()


@asynccontextmanager
async def _baton(folder: Path, api_url: str) -> AsyncIterator[tuple[int, int]]:
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
async def _floor(program: str) -> AsyncIterator[int]:
    port = _free_port()
    async with _running(["-m", program, str(port)], dict(os.environ), port, "/slack/events"):
        yield port


@asynccontextmanager
async def _running(words: list[str], env: dict[str, str], port: int, path: str) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=env)
    try:
        await _answers(f"http://127.0.0.1:{port}{path}")
        yield process.pid
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
