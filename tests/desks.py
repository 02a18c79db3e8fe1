"""The office that the tests happen in: its description, its people, its clock, and a local Slack with Baton in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from bot.emulator.limits.surfaces import check_payload
from bot.emulator.people.participant import Outcome
from bot.emulator.people.person import Person
from bot.emulator.server import Emulator
from bot.runtime.assembly import Baton, assemble_baton
from bot.settings import Settings, make_settings
from bot.slack.manifest import EVENTS_PATH, load_manifest
from bot.slack.server import open_listener, serve_slack
from bot.slack.socket_mode import open_socket_mode
from handlers.routes import build_registry
from rules.config.policy import parse_policy
from services.background import run_in_thread
from services.config import apply_configuration, open_desk, reload_configuration
from services.desk import Desk
from storage.database import Database
from tests.patience import PATIENCE_SECONDS
from tests.plain_words import note_own_words

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)  # 9:00 in Warsaw, an hour after the office opens

OFFICE: dict[str, Any] = yaml.safe_load("""
calendars:
  office:
    timezone: Europe/Warsaw
    hours: {mon-fri: ["08:00-12:00", "12:30-16:30"]}
    holidays: PL
    closed: ["2026-12-24"]
teams:
  support:
    name: Support
    line: first
    channel: C0SUPPORT
    calendar: office
    leads: [U0LEAD1]
    agents: [U0AGENT1, U0AGENT2]
    summary_at: "16:00"
  network:
    name: Network
    line: expert
    channel: C0NETWORK
    calendar: office
    leads: [U0LEAD2]
    experts: [U0EXPERT1, U0EXPERT2]
    handles: [network]
managers: [U0MANAGER1]
observers: [U0OBSERVER1]
types:
  network: {name: Network, team: support, experts: network, priority: normal}
  other: {name: Other, team: support}
sla:
  - {priority: critical, first_response: 15m, resolution: 4h}
  - {type: network, first_response: 30m, resolution: 8h}
  - {first_response: 2h, resolution: 3d}
warn_at: ["50%", "80%"]
""")
POLICY = parse_policy(OFFICE)
REGISTRY = build_registry()
render_message = REGISTRY.render_message

MANIFEST = load_manifest()

NAMES = {
    "U0LEAD1": "Lena Lis",
    "U0LEAD2": "Leo Lew",
    "U0AGENT1": "Ana Kowalska",
    "U0AGENT2": "Ben Adler",
    "U0EXPERT1": "Eva Novak",
    "U0EXPERT2": "Emil Noe",
    "U0MANAGER1": "Mia Berg",
    "U0OBSERVER1": "Otto Sehn",
    "U0CLIENT1": "Cleo Kent",
}
CHANNELS = {"C0SUPPORT": "support", "C0NETWORK": "network", "C0GENERAL": "general"}


@dataclass
class HeldClock:
    """The desk's clock, which moves only when a test says so."""

    now: datetime = MONDAY
    elapsed: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.elapsed.total_seconds()

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.elapsed += timedelta(**span)


@asynccontextmanager
async def opened_desk(
    database_url: str, clock: HeldClock, *, workspace: str = "T0LOCAL", plain: dict[str, Any] | None = None
) -> AsyncIterator[Desk]:
    """A desk on that database, whose schema is up to date; configured as the office unless `plain` is given."""
    database = Database(database_url)
    database.start()
    desk = Desk(database, workspace=workspace, clock=clock)
    await open_desk(desk, initial=plain or OFFICE)
    try:
        yield desk
    finally:
        await database.stop()


@dataclass
class Office:
    """A local Slack with Baton in it, connected over Slack's own protocol."""

    emulator: Emulator
    baton: Baton
    clock: HeldClock
    settings: Settings

    @property
    def desk(self) -> Desk:
        return self.baton.desk

    def person(self, user: str) -> Person:
        return self.emulator.person(user)

    async def settled(self) -> None:
        """Until everything that waits in the outbox has reached the workspace, and every event and errand is done."""
        await self.emulator.wait_until_settled()
        await self.desk.background_tasks.wait_until_done()
        await self.baton.delivery.wait_until_idle()

    async def file(self, text: str, *, by: str = "U0AGENT1", channel: str = "C0SUPPORT") -> Outcome:
        """Somebody files by text; the card stands when this returns."""
        outcome = await self.person(by).command(channel, "/ticket", text)
        await self.settled()
        return outcome

    async def answer(self, user: str, command: str, text: str, *, channel: str = "C0GENERAL") -> dict[str, Any]:
        """What the person reads: at once, or below when the answer takes long."""
        shown = self.emulator.workspace.channels[channel].ephemerals
        before = set(shown.get(user, {}))
        await self.person(user).command(channel, command, text)
        await self.settled()
        (message,) = [message for ts, message in shown[user].items() if ts not in before]
        return message

    def card(self, channel: str, holding: str) -> dict[str, Any]:
        """The one message of the app in that channel that holds this text."""
        found = [one for one in self.app_messages(channel) if holding in str(one.get("blocks")) + one["text"]]
        assert len(found) == 1, [one["text"] for one in found] or [one["text"] for one in self.app_messages(channel)]
        return found[0]

    def app_messages(self, channel: str) -> list[dict[str, Any]]:
        """Everything the app posted in that channel, oldest first, replies in threads left out."""
        somebody = self.person("U0LEAD1")
        return [one for one in somebody.visible_messages(channel) if one.get("bot_id") and not one.get("is_ephemeral")]


def seed() -> dict[str, Any]:
    """The office as a local workspace; the app is in its teams' channels and in general."""
    people = [
        {"id": user, "name": name.split()[0].lower(), "real_name": name, "tz": "Europe/Warsaw", "locale": "en-US"}
        for user, name in NAMES.items()
    ]
    members = [*NAMES, "U0BATON"]
    return {
        "team": {"id": "T0LOCAL", "name": "Orlen Lake", "domain": "orlen-lake"},
        "people": people,
        "channels": [{"id": key, "name": name, "members": members} for key, name in CHANNELS.items()],
        "app": {
            "id": "A0BATON",
            "bot_user": "U0BATON",
            "bot_id": "B0BATON",
            "name": "Baton",
            "bot_token": "xoxb-local",
            "app_token": "xapp-local",
            "signing_secret": "local-secret",
            "manifest": deepcopy(MANIFEST),
        },
    }


def patient_emulator(company: dict[str, Any]) -> Emulator:
    """A local Slack that waits for the app for as long as a busy machine needs."""
    emulator = Emulator(company)
    emulator.delivery.answer_seconds = PATIENCE_SECONDS
    emulator.workspace.temporary_ids.trigger_seconds = PATIENCE_SECONDS
    return emulator


@asynccontextmanager
async def opened_office(
    database_url: str,
    clock: HeldClock,
    *,
    http: bool = False,
    with_worker: bool = False,
    plain: dict[str, Any] | None = None,
    company: dict[str, Any] | None = None,
) -> AsyncIterator[Office]:
    """The office at work, over Socket Mode or signed HTTP; all that was said must have been within Slack's limits.

    It computes in this process unless it is `with_worker`.
    """
    emulator = patient_emulator(company or seed())
    own_words = note_own_words(emulator)
    await emulator.start(port=0)
    way: dict[str, Any] = {"slack_signing_secret": "local-secret", "port": 0} if http else {}
    settings = make_settings(
        slack_bot_token="xoxb-local",
        slack_api_url=emulator.api_url,
        database_url=database_url,
        baton_config="no-such-file.yml",
        **way or {"slack_app_token": "xapp-local"},
    )
    reached = served if http else connected
    try:
        async with (
            assemble_baton(settings, clock=clock, monotonic=clock.monotonic, pace=0) as baton,
            reached(baton, emulator, settings),
        ):
            await baton.desk.execute(apply_configuration, plain or OFFICE)
            await reload_configuration(baton.desk)
            if not with_worker:
                baton.desk.compute = run_in_thread  # a worker imports numpy and matplotlib anew for every test
            yield Office(emulator, baton, clock, settings)
        assert not emulator.refusals, list(emulator.refusals)
        assert not own_words, own_words
    finally:
        await emulator.stop()


@asynccontextmanager
async def connected(baton: Baton, emulator: Emulator, settings: Settings) -> AsyncIterator[None]:
    async with open_socket_mode(baton.app, settings, baton.desk.health) as opened:
        await opened.connect()
        await emulator.wait_until_connected()
        yield


@asynccontextmanager
async def served(baton: Baton, emulator: Emulator, settings: Settings) -> AsyncIterator[None]:
    listener, stop = open_listener(settings), asyncio.Event()
    emulator.use_http(f"http://127.0.0.1:{listener.getsockname()[1]}{EVENTS_PATH}")
    serving = asyncio.create_task(serve_slack(baton.app, settings, baton.supervisor, listener=listener, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await serving


def problems(surface: str, payload: Any) -> list[str]:  # noqa: ANN401 - a card may be any blocks
    """What Slack would refuse about it; nothing when it is fine."""
    return check_payload(surface, payload)
