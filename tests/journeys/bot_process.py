"""Baton in a process of its own that a test may kill: `baton run`, only without Slack's pace."""

import asyncio

from bot.assembly import assembled
from bot.run import ready
from bot.serve import serve
from bot.settings import read_settings


async def main() -> None:
    settings = read_settings(tokens=True)
    async with assembled(settings, pace=0) as baton:
        await serve(baton.app, settings, ready=lambda: ready(baton))


if __name__ == "__main__":
    asyncio.run(main())
