"""Builds one process of Baton: database, desk, Slack app, delivery, compute worker."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.offline import initial_configuration, open_database
from bot.runtime.compute import ComputeWorker
from bot.runtime.delivery import Delivery
from bot.runtime.health import watch_writer
from bot.runtime.installation import find_installation, save_installation
from bot.runtime.jobs import build_full_registry
from bot.settings import Settings
from bot.slack import app as apps
from bot.supervision import STOP_TIMEOUT_SECONDS, Supervisor
from handlers.registry import Registry
from services.config import open_desk
from services.desk import Desk, utc_now


@dataclass(frozen=True, slots=True)
class Baton:
    desk: Desk
    slack: AsyncWebClient
    registry: Registry
    app: AsyncApp
    delivery: Delivery
    supervisor: Supervisor


@asynccontextmanager
async def assemble_baton(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    monotonic: Callable[[], float] = time.monotonic,
    pace: float = 1.0,
) -> AsyncIterator[Baton]:
    """The schema is up to date, the desk has a configuration and delivery runs; a clean stop loses nothing.

    While Slack is ill, an installation that it has named before comes up all the same, and what is to be sent waits.
    `pace` is the seconds between two messages to one destination.
    """
    async with open_database(settings) as database, apps.open_session() as session:
        database.on_group_commit = metrics.record_group_commit
        slack = apps.make_client(settings.bot_token, settings.slack_api_url, session)
        installed, refusal = await find_installation(slack, database, settings)
        desk = Desk(database, workspace=installed.team_id, clock=clock)
        await open_desk(desk, initial=initial_configuration(settings.baton_config))
        registry = build_full_registry(settings.baton_sweep_seconds)
        app = apps.build_app(desk, slack, installed, registry)
        delivery, supervisor = Delivery(desk, slack, registry, pace=pace, monotonic=monotonic), Supervisor(desk.health)
        if refusal is None:
            await save_installation(desk, installed, settings)
        else:
            delivery.access.refuse(refusal)
        async with (
            _run_compute_worker(desk),
            supervisor.supervise("writer", partial(watch_writer, database), is_vital=True),
            supervisor.supervise("delivery", delivery.run, stop=delivery.stop, is_vital=True),
        ):
            yield Baton(desk, slack, registry, app, delivery, supervisor)


@asynccontextmanager
async def _run_compute_worker(desk: Desk) -> AsyncIterator[None]:
    """On exit the background tasks finish first: a person waits for their answers."""
    desk.compute = worker = ComputeWorker()
    try:
        yield
    finally:
        await desk.background_tasks.stop(STOP_TIMEOUT_SECONDS)
        await worker.stop()
