"""Whoever is told to stop ends in time, even while something hangs."""

import asyncio
import sys
from asyncio.subprocess import PIPE

from tests.patience import PATIENCE_SECONDS

HANGING_PROCESS = """
import asyncio, threading
from bot.runtime.stopping import limit_stopping
from bot.slack.server import stop_on_signals

async def run():
    with stop_on_signals(lambda: limit_stopping(0.1)) as stop:
        asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
        print("ready", flush=True)
        await stop.wait()

asyncio.run(run())
"""


async def test_a_process_with_work_that_never_ends_is_stopped_in_time() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HANGING_PROCESS, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"

    process.terminate()

    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert process.returncode == 1
    assert b"Thread" in errors
