"""`baton demo`: a local Slack with Baton in it, four weeks of history, and people at work."""

import asyncio
import random
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import yaml
from rich.console import Console
from rich.progress import Progress

from bot.config_file import load_desk_file
from bot.demo import cast, history
from bot.emulator.server import Emulator
from bot.files import resource_path
from bot.offline import open_database
from bot.runtime.assembly import Baton, assemble_baton
from bot.runtime.run import serve_with_jobs
from bot.settings import Settings, make_settings
from bot.slack.manifest import load_manifest
from bot.slack.server import open_listener
from rules.errors import Refused
from rules.text import Code, _
from services.config import open_desk
from services.desk import Desk

DEFAULT_PORT = 8000
SWEEP_SECONDS = 5
SUMMARY_DELAY = timedelta(minutes=3)
OnProgress = Callable[[float], None]  # gets the share done, 0 to 1
Demo = tuple[Emulator, Baton, Settings]


class PortTaken(Refused):
    def __init__(self, port: int) -> None:
        command = Code(f"baton demo --port {port + 1}")
        super().__init__(_("Port {port} is taken. Choose another one: {command}", port=str(port), command=command))


async def run_demo(*, port: int = DEFAULT_PORT, with_cast: bool = True, open_browser: bool = False) -> None:
    """Runs until Ctrl-C. All data is in a temporary folder that is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="baton-demo-") as folder:
        async with open_demo(Path(folder), port=port, on_progress=_progress_reporter()) as (emulator, baton, settings):
            with open_listener(settings) as listener:
                pages = f"http://{settings.host}:{listener.getsockname()[1]}"
                page = first_page(emulator.url)
                _print_welcome(page, pages, baton.desk, with_cast=with_cast)
                if open_browser:
                    webbrowser.open(page)
                acting = asyncio.create_task(_play_cast(emulator, with_cast), name="cast")
                try:
                    await serve_with_jobs(baton, settings, listener)
                finally:
                    acting.cancel()
                    with suppress(asyncio.CancelledError):
                        await acting


def first_page(slack: str) -> str:
    """Where something is to be seen and done: Support's channel, as Ana."""
    return f"{slack}/?{urlencode({'as': 'U0ANA', 'channel': cast.SUPPORT})}"


@asynccontextmanager
async def open_demo(folder: Path, *, port: int, on_progress: OnProgress) -> AsyncIterator[Demo]:
    """The company's Slack and its desk with four weeks of history."""
    emulator = Emulator(_company_seed())
    try:
        await emulator.start(port=port)
    except OSError:
        raise PortTaken(port) from None
    settings = _demo_settings(emulator, folder)
    try:
        await _prepare_history(emulator, settings, on_progress)
        async with assemble_baton(settings, pace=0) as baton:
            yield emulator, baton, settings
    finally:
        await emulator.stop()


async def _prepare_history(emulator: Emulator, settings: Settings, on_progress: OnProgress) -> None:
    """Runs before the delivery exists, so that the history sends no messages."""
    async with open_database(settings) as database:
        desk = Desk(database, workspace=emulator.workspace.team["id"])
        await open_desk(desk, initial=_demo_configuration(desk.clock()))
        await history.write_history(desk, until=desk.clock(), on_progress=on_progress)


def _company_seed() -> dict[str, Any]:
    seed: dict[str, Any] = yaml.safe_load(resource_path("demo/company.yml").read_text(encoding="utf-8"))
    seed["app"]["manifest"] = load_manifest()
    return seed


def _demo_configuration(now: datetime) -> dict[str, Any]:
    """The demo's desk.yml with the daily summary due in three minutes, so that a visitor sees it."""
    plain = load_desk_file(resource_path("demo/desk.yml")).plain
    zone = ZoneInfo(plain["calendars"]["always"]["timezone"])
    plain["teams"]["support"]["summary_at"] = f"{(now + SUMMARY_DELAY).astimezone(zone):%H:%M}"
    return plain


def _demo_settings(emulator: Emulator, folder: Path) -> Settings:
    app = emulator.workspace.app
    return make_settings(
        slack_bot_token=app.bot_token,
        slack_app_token=app.app_token,
        slack_api_url=emulator.api_url,
        database_url=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        baton_config=folder / "none.yml",
        baton_sweep_seconds=SWEEP_SECONDS,
        port=0,
        log_level="WARNING",
    )


async def _play_cast(emulator: Emulator, with_cast: bool) -> None:
    await emulator.wait_until_connected(seconds=60)
    if with_cast:
        await cast.play_scenes(emulator, random.Random())


def _progress_reporter() -> OnProgress:
    bar = Progress(transient=True)
    task = bar.add_task("Four weeks pass at Orlen Lake …", total=1.0)
    bar.start()

    def on_progress(share: float) -> None:
        bar.update(task, completed=share)
        if share >= 1:
            bar.stop()

    return on_progress


def _print_welcome(page: str, pages: str, desk: Desk, *, with_cast: bool) -> None:
    print_line = Console(highlight=False).print
    summary = desk.policy.team("support").summary_at
    print_line(f"\n[bold]Baton is open:[/bold]  {page}\n")
    print_line("You are Ana, an agent, in #support; choose another person at the top right. Try:")
    print_line("  [bold]/ticket VPN is down on floor 3 !high type:network[/bold]")
    print_line("  a card's buttons: Take, Escalate…, Resolve…; then as Emil in #network-experts: Accept or Reject…")
    print_line("  [bold]/report[/bold] as Mia, [bold]/desk[/bold] as anyone; Baton's Home under Apps")
    print_line(f"An SLA warning comes within two minutes, Support's daily summary at {summary:%H:%M} (Warsaw).")
    print_line(f"For monitoring: {pages}/readyz and {pages}/metrics")
    if with_cast:
        print_line("The people of the demo go on working by themselves; --no-cast stops that.")
    print_line("Ctrl-C ends the demo and deletes its data.\n")
