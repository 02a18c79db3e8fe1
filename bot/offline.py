"""The desk without Slack: for the command line beside a running Baton, or before its first run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from desk.desk import Desk
from desk.policy import open_desk
from rules.errors import DeskError
from storage.database import Database
from storage.migrate import upgrade
from storage.workspaces import BEFORE_SLACK, known


@asynccontextmanager
async def offline_desk(settings: Settings) -> AsyncIterator[Desk]:
    """The database's one desk; before Slack was ever reached it is kept under a name that the first run takes over."""
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database(settings.database_url)
    database.start()
    try:
        desk = Desk(database, workspace=await _workspace(database))
        await open_desk(desk, first=None)
        yield desk
    finally:
        await database.stop()


async def _workspace(database: Database) -> str:
    names = await Desk(database, workspace="").ask(lambda session, _: known(session))
    if len(names) > 1:
        raise DeskError(
            f"This database holds {len(names)} workspaces ({', '.join(names)}); give each its own database."
        )
    return names[0] if names else BEFORE_SLACK
