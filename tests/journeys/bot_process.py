"""Baton in a process of its own that a test may kill: `baton run` without Slack's pace, and at a moment to choose."""

import asyncio
import os
from datetime import timedelta

from bot.runtime.assembly import assemble_baton
from bot.settings import read_settings
from bot.slack.server import serve_slack
from services.desk import utc_now


async def main() -> None:
    settings, later = read_settings(tokens=True), timedelta(seconds=float(os.environ["LATER"]))
    async with assemble_baton(settings, clock=lambda: utc_now() + later, pace=0) as baton:
        await serve_slack(baton.app, settings, baton.supervisor)


if __name__ == "__main__":
    asyncio.run(main())
