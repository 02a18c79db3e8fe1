"""Tickets filed per second over signed HTTP, and memory at rest, beside two lower bounds.

One is a bare Bolt app that only acknowledges; the other also stores the rows of one filing, as fast as one process can
(bench/storing.py): no design reaches more than its share."""

import asyncio
import json
import os
import socket
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bench.desk import CONFIGURATION, WORKSPACE
from bench.load_generator import SECRET, LoadResult
from bench.tables import table_lines
from bot.emulator.server import Emulator
from bot.slack.manifest import load_manifest

ROUNDS = 5
SECONDS = 2.0
PROGRAMS = ("Baton", "the app that stores", "the bare app")
CONNECTIONS = (1, 16, 64)
HEADS = ("at once", "filed/s", "stored/s", "bare/s", "share", "most", "goal", "p50 ms", "p99 ms", "goal")
GOALS = {16: ("0.50", "<100")}
MEMORY_GOAL_MIB = 120
NOT_READY = 503

COMPANY = {
    "people": [{"id": "U0AGENT1", "name": "ana", "real_name": "Ana"}],
    "channels": [{"id": "C0SUPPORT", "name": "support", "members": ["U0AGENT1", "U0BATON"]}],
}

Round = tuple[LoadResult, LoadResult, LoadResult]


def report_lines() -> list[str]:
    """The lines to print. The programs run side by side, and take turns in each round."""
    return asyncio.run(_measured_lines(ROUNDS, SECONDS))


async def _measured_lines(rounds: int, seconds: float) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with (
            local_slack(COMPANY) as api_url,
            baton_process(Path(folder), api_url, CONFIGURATION) as (baton, process),
            _floor_process("bench.storing") as stored,
            _floor_process("bench.acknowledging") as bare,
        ):
            rest = await _memory_mib(process)
            turns = {
                at_once: [
                    (
                        await _run_load(baton, at_once, seconds, "Filed"),
                        await _run_load(stored, at_once, seconds, ""),
                        await _run_load(bare, at_once, seconds, ""),
                    )
                    for _ in range(rounds)
                ]
                for at_once in CONNECTIONS
            }
            loaded = await _memory_mib(process)
    failed = [line for at_once, taken in turns.items() for line in _failure_lines(at_once, taken)]
    memory = f"memory at rest {rest:.0f} MiB (goal: under {MEMORY_GOAL_MIB}), after the load {loaded:.0f} MiB"
    return [*table_lines(HEADS, [_result_row(at_once, taken) for at_once, taken in turns.items()]), *failed, memory]


def _result_row(at_once: int, turns: list[Round]) -> list[str]:
    ours = [baton for baton, _, _ in turns]
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


def _failure_lines(at_once: int, turns: list[Round]) -> list[str]:
    """One line for each program with failures: its figures say little."""
    return [
        f"{at_once} at once: {program} failed {len(failures)} times, first with: {failures[0]}"
        for program, loads in zip(PROGRAMS, zip(*turns, strict=True), strict=True)
        if (failures := [one.failure for one in loads for _ in range(one.failed)])
    ]


async def _memory_mib(process: int) -> float:
    process_status = await asyncio.create_subprocess_exec(
        "ps", "-o", "rss=", "-p", str(process), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process_status.communicate()
    return int(out) / 1024


async def _run_load(port: int, at_once: int, seconds: float, expected: str) -> LoadResult:
    arguments = (str(port), str(at_once), str(seconds), expected)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load_generator", *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return LoadResult(**json.loads(out))


@asynccontextmanager
async def local_slack(company: Mapping[str, Any]) -> AsyncIterator[str]:
    """The address of a local workspace with these people and channels, which receives the cards."""
    seed: dict[str, Any] = {
        "team": {"id": WORKSPACE, "name": "Bench", "domain": "bench"},
        **company,
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
async def baton_process(folder: Path, api_url: str, configuration: Mapping[str, Any]) -> AsyncIterator[tuple[int, int]]:
    """Its port and its process id."""
    (folder / "desk.yml").write_text(yaml.safe_dump(configuration))
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
    async with _running_process(["-m", "bot", "run"], os.environ | env, port, "/readyz") as process:
        yield port, process


@asynccontextmanager
async def _floor_process(program: str) -> AsyncIterator[int]:
    port = _free_port()
    async with _running_process(["-m", program, str(port)], dict(os.environ), port, "/slack/events"):
        yield port


@asynccontextmanager
async def _running_process(arguments: list[str], env: dict[str, str], port: int, path: str) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, env=env)
    try:
        await _wait_for_answer(f"http://127.0.0.1:{port}{path}")
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def _wait_for_answer(url: str) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status != NOT_READY:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
