"""`baton demo`: a local Slack with Baton in it, some weeks of history, and people at work."""

import asyncio
import random
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from rich.console import Console
from rich.progress import Progress

from bot.config_file import load
from bot.demo import cast, history
from bot.emulator.server import Emulator
from bot.files import resource
from bot.runtime.assembly import Baton, assembled
from bot.runtime.run import keep_running
from bot.settings import Settings, settings_of
from bot.slack.manifest import manifest
from rules.errors import DeskError
from services.config import open_desk
from services.desk import Desk
from storage.database import Database
from storage.migrations.migrate import upgrade

PORT = 8000
SWEEP_SECONDS = 5
SUMMARY_IN = timedelta(minutes=3)


class PortTaken(DeskError):
    """Something else listens where the demo should."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken. Choose another one: baton demo --port {port + 1}")


async def demo(*, port: int = PORT, with_cast: bool = True, open_browser: bool = False) -> None:
    """Runs until Ctrl-C. Everything lives in a temporary folder and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as folder:
        async with opened(Path(folder), port=port, told=_progress()) as (emulator, baton, settings):
            _welcome(emulator, baton.desk, with_cast=with_cast)
            if open_browser:
                webbrowser.open(emulator.url)
            acting = asyncio.create_task(_act(emulator, with_cast), name="cast")
            try:
                await keep_running(baton, settings)
            finally:
                acting.cancel()
                with suppress(asyncio.CancelledError):
                    await acting


@asynccontextmanager
async def opened(
    folder: Path, *, port: int, told: Callable[[float], None]
) -> AsyncIterator[tuple[Emulator, Baton, Settings]]:
    """The company's Slack and its desk, with the weeks before now lived through."""
    emulator = Emulator(_company())
    try:
        await emulator.start(port=port)
    except OSError:
        raise PortTaken(port) from None
    settings = _settings(emulator, folder)
    try:
        await _past(emulator, settings, told)
        async with assembled(settings, pace=0) as baton:
            yield emulator, baton, settings
    finally:
        await emulator.stop()


async def _past(emulator: Emulator, settings: Settings, told: Callable[[float], None]) -> None:
    """The weeks before now, lived through before anything could be said in Slack about them."""
    await asyncio.to_thread(upgrade, settings.database_url)
    database = Database(settings.database_url)
    database.start()
    try:
        desk = Desk(database, workspace=emulator.workspace.team["id"])
        await open_desk(desk, first=_description(desk.clock()))
        await history.live_through(desk, until=desk.clock(), told=told)
    finally:
        await database.stop()


def _company() -> dict[str, Any]:
    seed: dict[str, Any] = yaml.safe_load(resource("demo/company.yml").read_text(encoding="utf-8"))
    seed["app"]["manifest"] = manifest()
    return seed


def _description(now: datetime) -> dict[str, Any]:
    """The demo's desk.yml, with the daily summary due in a moment: nobody should have to wait for four o'clock."""
    plain = load(resource("demo/desk.yml")).plain
    zone = ZoneInfo(plain["calendars"]["always"]["timezone"])
    plain["teams"]["support"]["summary_at"] = f"{(now + SUMMARY_IN).astimezone(zone):%H:%M}"
    return plain


def _settings(emulator: Emulator, folder: Path) -> Settings:
    app = emulator.workspace.app
    return settings_of(
        slack_bot_token=app.bot_token,
        slack_app_token=app.app_token,
        slack_api_url=emulator.api_url,
        database_url=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        baton_config=folder / "none.yml",
        baton_sweep_seconds=SWEEP_SECONDS,
        port=0,
        log_level="WARNING",
    )


async def _act(emulator: Emulator, with_cast: bool) -> None:
    await emulator.connected(seconds=60)
    if with_cast:
        await cast.play(emulator, random.Random())


def _progress() -> Callable[[float], None]:
    bar = Progress(transient=True)
    task = bar.add_task("Four weeks pass at Orlen Lake …", total=1.0)
    bar.start()

    def told(share: float) -> None:
        bar.update(task, completed=share)
        if share >= 1:
            bar.stop()

    return told


def _welcome(emulator: Emulator, desk: Desk, *, with_cast: bool) -> None:
    say = Console(highlight=False).print
    summary = desk.policy.team("support").summary_at
    say(f"\n[bold]Baton is open:[/bold]  {emulator.url}\n")
    say("You are Ana of the first line; choose anyone else at the top right. Try:")
    say("  [bold]/ticket VPN is down on floor 3 !high type:network[/bold]   in #support")
    say("  a card's buttons: Take, Escalate…, Resolve… — then be Emil in #network-experts and decide")
    say("  [bold]/report[/bold] as Mia, [bold]/desk[/bold] as anyone; Baton's own page under Apps")
    say(f"A warning comes within two minutes, Support's daily summary at {summary:%H:%M} (Warsaw).")
    if with_cast:
        say("Ana, Ben and the experts also work by themselves; --no-cast stops that.")
    say("Ctrl-C ends it, and everything in it is gone.\n")
