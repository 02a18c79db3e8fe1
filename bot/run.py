"""Baton runs until it is told to stop."""

from sqlalchemy import text

from bot import jobs
from bot.assembly import Baton, assembled
from bot.serve import serve
from bot.settings import Settings


async def run(settings: Settings) -> None:
    """Runs until told to stop: HTTP Mode or Socket Mode as the settings say."""
    async with assembled(settings) as baton:
        scheduler = jobs.start(baton.desk, baton.slack, sweep_seconds=settings.baton_sweep_seconds)
        try:
            await serve(baton.app, settings, ready=lambda: ready(baton))
        finally:
            scheduler.shutdown(wait=False)


async def ready(baton: Baton) -> list[str]:
    """Why it cannot serve just now; nothing when it can."""
    try:
        await baton.desk.database.read(lambda connection: connection.execute(text("SELECT 1")))
    except Exception as error:  # whatever it is, the answer is the same: not ready, and why
        return [f"The database does not answer ({type(error).__name__})."]
    return []
