"""Baton put together: database, desk, Slack, delivery."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.config_file import load
from bot.runtime.compute import Reckoner
from bot.runtime.delivery import STOP_WITHIN, Delivery
from bot.settings import Settings
from bot.slack import app as apps
from rules.errors import DeskError
from services.config import open_desk
from services.desk import Desk, utc_now
from storage.database import Database
from storage.migrations.migrate import upgrade


class NoSlack(DeskError):
    """Slack could not be reached or did not know us."""


@dataclass(frozen=True, slots=True)
class Baton:
    """Everything that runs in one process."""

    desk: Desk
    slack: AsyncWebClient
    app: AsyncApp
    delivery: Delivery


@asynccontextmanager
async def assembled(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now, pace: float = 1.0
) -> AsyncIterator[Baton]:
    """Baton with its schema up to date, its desk described and its delivery running; a clean stop loses nothing."""
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database(settings.database_url)
    database.group_committed = metrics.group_committed
    database.start()
    try:
        async with aiohttp.ClientSession(timeout=apps.TIMEOUT) as session:
            slack = apps.client(settings.bot_token, settings.slack_api_url, session)
            installed = await _introduced(slack, settings)
            desk = Desk(database, workspace=installed.team_id, clock=clock)
            await open_desk(desk, first=_described(settings.baton_config))
            app = apps.build(desk, slack, installed)
            async with _computing(desk), _sending(Delivery(desk, slack, pace=pace)) as delivery:
                yield Baton(desk, slack, app, delivery)
    finally:
        await database.stop()


@asynccontextmanager
async def _sending(delivery: Delivery) -> AsyncIterator[Delivery]:
    """Meanwhile the outbox reaches Slack; at the end it stops between two posts, and is cut off only if it hangs."""
    task = asyncio.create_task(delivery.run(), name="delivery")
    try:
        yield delivery
    finally:
        await delivery.stop()
        await asyncio.wait({task}, timeout=STOP_WITHIN)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _computing(desk: Desk) -> AsyncIterator[None]:
    """Meanwhile the desk computes in another process; at the end what was promised with an answer is finished."""
    desk.compute = reckoner = Reckoner()
    try:
        yield
    finally:
        await desk.background_tasks.stop(STOP_WITHIN)
        await reckoner.stop()


async def _introduced(slack: AsyncWebClient, settings: Settings) -> apps.Installed:
    try:
        return await apps.introduce(slack)
    except SlackApiError as error:
        why = error.response.get("error")
        raise NoSlack(f"Slack refused SLACK_BOT_TOKEN (`{why}`). Run `baton check` to see what is wrong.") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoSlack(f"Slack does not answer at {settings.slack_api_url} ({type(error).__name__}).") from None


def _described(path: Path) -> dict[str, object] | None:
    return load(path).plain if path.exists() else None
