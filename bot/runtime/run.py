"""Runs Baton until the process is stopped."""

import asyncio
import logging
import socket
from datetime import timedelta
from functools import partial

from bot import metrics
from bot.runtime import jobs
from bot.runtime.assembly import Baton, assemble_baton
from bot.runtime.health import WorkCheck, WriteProbe
from bot.runtime.leader import Leader
from bot.runtime.stopping import limit_stopping
from bot.settings import Settings
from bot.slack.server import open_listener, serve_slack, stop_on_signals
from services.desk import Desk
from storage.connections.outages import NotRead
from storage.database import CONNECTION_ERRORS
from storage.outbox.deliveries import waiting_and_failed
from storage.tickets.tickets import count_open_and_overdue

GAUGE_TIMEOUT_SECONDS = 5.0

log = logging.getLogger("baton.run")


async def run_until_stopped(settings: Settings) -> None:
    with open_listener(settings) as listener:
        async with assemble_baton(settings) as baton:
            await serve_with_jobs(baton, settings, listener)


async def serve_with_jobs(baton: Baton, settings: Settings, listener: socket.socket | None = None) -> None:
    """Until a signal, or until a task that cannot live is given up: TaskGivenUp."""
    desk, supervisor, table = baton.desk, baton.supervisor, baton.registry.jobs_in_order
    leader = Leader(desk.database, desk.workspace)
    scheduler = partial(jobs.run_scheduler, desk, baton.slack, table, leader)
    with stop_on_signals(limit_stopping) as stopping:
        supervisor.on_give_up = partial(_give_up, stopping)
        async with (
            supervisor.supervise("write probe", WriteProbe(desk).run, is_vital=True),
            supervisor.supervise("work check", WorkCheck(desk, table).run),
            supervisor.supervise("scheduler", scheduler, is_vital=True),
        ):
            serve = partial(serve_slack, baton.app, settings, supervisor, measure=partial(update_gauges, desk))
            await serve(listener=listener, stop=stopping, must_connect=not baton.delivery.access.is_refused)
    if supervisor.given_up is not None:
        raise supervisor.given_up


def _give_up(stopping: asyncio.Event) -> None:
    limit_stopping()
    stopping.set()


async def update_gauges(desk: Desk) -> None:
    """What the database tells stays as it was while it does not answer."""
    metrics.set_health(desk.health.state, desk.health.reasons)
    try:
        async with asyncio.timeout(GAUGE_TIMEOUT_SECONDS):
            pending, failed = await desk.read(waiting_and_failed, since=desk.clock() - timedelta(days=1))
            sizes = await desk.database.sizes()
            open_, overdue = await desk.read_in_worker(count_open_and_overdue, at=desk.clock())
    except (NotRead, *CONNECTION_ERRORS) as error:
        log.warning("The desk is not measured (%s).", type(error).__name__)
        return
    metrics.set_outbox_counts(pending=pending, failed=len(failed))
    metrics.set_ticket_counts(open_by_team=open_, overdue_by_team=overdue)
    metrics.set_database_sizes(sizes)
