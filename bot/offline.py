"""The desk without Slack: for the command line beside a running Baton or before its first run."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config_file import load_desk_file
from bot.settings import Settings
from rules.errors import Refused
from services.config import open_desk
from services.desk import Desk
from storage.connections.pooling import is_pooled
from storage.database import SQLITE, Database, parse_database_url
from storage.migrations.migrate import upgrade_schema
from storage.workspaces import LOCAL_WORKSPACE, known_workspaces

log = logging.getLogger("baton.offline")


@asynccontextmanager
async def offline_desk(settings: Settings, *, configures: bool = True) -> AsyncIterator[Desk]:
    """The schema is brought up to date; a desk without a configuration gets that of BATON_CONFIG if it `configures`."""
    initial = initial_configuration(settings.baton_config) if configures else None
    async with open_database(settings) as database:
        desk = Desk(database, workspace=await only_workspace(database))
        await open_desk(desk, initial=initial)
        yield desk


def initial_configuration(path: Path) -> dict[str, object] | None:
    return load_desk_file(path).plain if path.exists() else None


@asynccontextmanager
async def open_database(settings: Settings, *, upgrade: bool = True) -> AsyncIterator[Database]:
    if upgrade:
        await asyncio.to_thread(upgrade_schema, settings.database_url)
    url = parse_database_url(settings.database_url)
    pooled = url.get_backend_name() != SQLITE and await asyncio.to_thread(is_pooled, url)
    if pooled:
        log.warning("PostgreSQL is reached through a pooler of transactions, so no statement is prepared.")
    database = Database(settings.database_url, is_pooled=pooled)
    database.start()
    try:
        yield database
    finally:
        await database.stop()


async def workspace_ids(database: Database) -> list[str]:
    return await Desk(database, workspace="").read(lambda reader: known_workspaces(reader.session))


async def only_workspace(database: Database) -> str:
    """Before Baton ever reached Slack, a placeholder that the first run replaces. DeskError when there are several."""
    names = await workspace_ids(database)
    if len(names) > 1:
        listed = ", ".join(names)
        raise Refused(f"This database holds several workspaces ({listed}): give DATABASE_URL of one of them alone.")
    return names[0] if names else LOCAL_WORKSPACE
