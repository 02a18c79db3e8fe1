"""Runs Baton until the process is stopped."""

import socket
from datetime import timedelta
from functools import partial

from sqlalchemy import text

from bot import metrics
from bot.runtime import jobs
from bot.runtime.assembly import Baton, assemble_baton
from bot.runtime.leader import Leader
from bot.settings import Settings
from bot.slack.server import open_listener, serve_slack
from storage.database import CONNECTION_ERRORS
from storage.outbox.deliveries import waiting_and_failed
from storage.tickets.tickets import count_open_and_overdue


async def run_until_stopped(settings: Settings) -> None:
    with open_listener(settings) as listener:
        async with assemble_baton(settings) as baton:
            await serve_with_jobs(baton, settings, listener)


async def serve_with_jobs(baton: Baton, settings: Settings, listener: socket.socket | None = None) -> None:
    leader = Leader(baton.desk.database, baton.desk.workspace)
    scheduler = jobs.start_scheduler(baton.desk, baton.slack, baton.registry.jobs_in_order, leader)
    try:
        ready, measure = partial(not_ready_reasons, baton), partial(update_gauges, baton)
        await serve_slack(baton.app, settings, ready=ready, measure=measure, listener=listener)
    finally:
        scheduler.shutdown(wait=False)
        await leader.resign()


async def not_ready_reasons(baton: Baton) -> list[str]:
    try:
        await baton.desk.database.read(lambda connection: connection.execute(text("SELECT 1")))
    except CONNECTION_ERRORS as error:
        return [f"The database does not answer ({type(error).__name__})."]
    return []


async def update_gauges(baton: Baton) -> None:
    pending, failed = await baton.desk.read(waiting_and_failed, since=baton.desk.clock() - timedelta(days=1))
    metrics.set_outbox_counts(pending=pending, failed=len(failed))
    open_, overdue = await baton.desk.read(count_open_and_overdue, at=baton.desk.clock())
    metrics.set_ticket_counts(open_by_team=open_, overdue_by_team=overdue)
    metrics.set_database_sizes(await baton.desk.database.sizes())
