"""A second Baton on the same database, in a process of its own: it presses what it is told, line by line."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime

from tests.desks import HeldClock, opened_desk
from tests.journeys.month.presses import Press, pressed

READY = "ready"


class Rival:
    """The other process, as whoever started it sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def started(cls, database_url: str) -> "Rival":
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tests.journeys.month.rival", database_url)
        rival = cls(await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe))
        assert await rival._hears() == READY
        return rival

    async def press(self, press: Press, *, at: datetime) -> str:
        """The sentence with which it was refused there; empty when it was done."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([at.isoformat(), asdict(press)]).encode() + b"\n")
        return await self._hears()

    async def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def _hears(self) -> str:
        assert self._process.stdout is not None
        return str(json.loads(await self._process.stdout.readline()))


async def main(database_url: str) -> None:
    clock = HeldClock()
    async with opened_desk(database_url, clock) as desk:
        print(json.dumps(READY), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            at, told = json.loads(line)
            clock.now = datetime.fromisoformat(at)
            print(json.dumps(await pressed(desk, Press(**told))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
