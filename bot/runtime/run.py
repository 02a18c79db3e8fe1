"""Baton runs until it is told to stop."""

import socket
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.runtime import jobs
from bot.runtime.assembly import Baton, assembled
from bot.settings import Settings
from bot.slack.server import listening, serve
from storage.outbox.deliveries import waiting_and_failed
from storage.tickets.tickets import open_and_overdue


async def run(settings: Settings) -> None:
    """Runs until told to stop: HTTP Mode or Socket Mode as the settings say."""
    with listening(settings) as listener:
        async with assembled(settings) as baton:
            await keep_running(baton, settings, listener)


async def keep_running(baton: Baton, settings: Settings, listener: socket.socket | None = None) -> None:
    """Serves Slack with the jobs running, until told to stop."""
    scheduler = jobs.start(baton.desk, baton.slack, sweep_seconds=settings.baton_sweep_seconds)
    try:
        await serve(baton.app, settings, ready=lambda: ready(baton), measure=lambda: measure(baton), listener=listener)
    finally:
        scheduler.shutdown(wait=False)


async def ready(baton: Baton) -> list[str]:
    """Why it cannot serve just now; nothing when it can."""
    try:
        await baton.desk.database.read(lambda connection: connection.execute(text("SELECT 1")))
    except (SQLAlchemyError, OSError) as error:
        return [f"The database does not answer ({type(error).__name__})."]
    return []


async def measure(baton: Baton) -> None:
    """Brings the figures that are counted in the database up to date."""
    waiting, failed = await baton.desk.read(waiting_and_failed, since=baton.desk.clock() - timedelta(days=1))
    metrics.outbox(pending=waiting, failed=len(failed))
    open_, overdue = await baton.desk.read(open_and_overdue, at=baton.desk.clock())
    metrics.tickets(open_by_team=open_, overdue_by_team=overdue)
