"""A small workspace with a small app in it, over Socket Mode or signed HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from tests.patience import PATIENCE_SECONDS

Body = dict[str, Any]
EVENTS_PATH = "/slack/events"
ANA, BEN, EVE = "U0ANA", "U0BEN", "U0EVE"
SCOPES = ["chat:write", "commands", "users:read", "channels:read", "channels:history", "channels:join", "im:write"]
SCOPES += ["im:history", "reactions:write", "reactions:read", "files:write", "files:read", "usergroups:read"]
EVENTS = ["app_home_opened", "app_mention", "message.channels", "message.im", "reaction_added", "user_change"]
EVENTS += ["member_joined_channel", "team_join", "subteam_updated", "subteam_members_changed", "dnd_updated_user"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of the emulator run on the session's event loop, where the browser is."""
    for item in items:
        if pytest_asyncio.is_async_test(item) and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[Emulator]:
    emulator = Emulator(seed())
    emulator.delivery.answer_seconds, emulator.delivery.retry_delays = PATIENCE_SECONDS, (0, 600, 600)
    await emulator.start()
    yield emulator
    await emulator.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def client(slack: Emulator) -> AsyncWebClient:
    return AsyncWebClient("xoxb-local", base_url=slack.api_url, retry_handlers=[])


def new_app(client: AsyncWebClient) -> AsyncApp:
    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T0LAKE", bot_user_id="U0BATON", bot_id="B0BATON", bot_token="xoxb-local"
        )

    return AsyncApp(client=client, authorize=authorize, signing_secret="local-secret", process_before_response=True)


@asynccontextmanager
async def connected(app: AsyncApp, slack: Emulator) -> AsyncIterator[AsyncApp]:
    """The app with its Socket Mode connection open."""
    handler = AsyncSocketModeHandler(app, "xapp-local", web_client=AsyncWebClient(base_url=slack.api_url))
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.wait_until_connected()
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest_asyncio.fixture(loop_scope="session")
async def app(slack: Emulator, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Listens over Socket Mode."""
    async with connected(new_app(client), slack) as app:
        yield app


@pytest_asyncio.fixture(loop_scope="session")
async def served(slack: Emulator, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Listens over signed HTTP."""
    app = new_app(client)
    async with serving(app.web_app(EVENTS_PATH), slack):
        yield app


@asynccontextmanager
async def serving(app: web.Application, slack: Emulator) -> AsyncIterator[None]:
    """Signed HTTP goes to this server instead of Socket Mode."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.use_http(f"http://127.0.0.1:{runner.addresses[0][1]}{EVENTS_PATH}")
    yield
    slack.use_http(None)
    await runner.cleanup()


def received(listen: Callable[[Callable[..., Awaitable[None]]], object], **answer: Any) -> list[Body]:
    """Every payload for this listener of Bolt's, which answers each with its acknowledgement."""
    bodies: list[Body] = []

    async def acknowledge(ack: AsyncAck, body: Body) -> None:
        bodies.append(body)
        await ack(**answer)

    listen(acknowledge)
    return bodies


def open_on(listen: Callable[[Callable[..., Awaitable[None]]], object], view: Body) -> None:
    """The app opens this form for each payload of this listener."""

    async def open_form(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    listen(open_form)


def seed() -> Body:
    manifest = {
        "features": {
            "slash_commands": [{"command": "/ask", "description": "Ask", "should_escape": True}],
            "shortcuts": [
                {"name": "New", "type": "global", "callback_id": "new", "description": "New"},
                {"name": "From", "type": "message", "callback_id": "from", "description": "From"},
            ],
        },
        "oauth_config": {"scopes": {"bot": SCOPES}},
        "settings": {"event_subscriptions": {"bot_events": EVENTS}},
    }
    return {
        "team": {"id": "T0LAKE", "name": "Orlen Lake", "domain": "orlen-lake"},
        "people": [
            {"id": ANA, "name": "ana", "real_name": "Ana Kowalska", "tz": "Europe/Warsaw", "locale": "pl-PL"},
            {"id": BEN, "name": "ben", "real_name": "Ben Ode"},
            {"id": EVE, "name": "eve", "deleted": True},
        ],
        "channels": [
            {"id": "C0HELP", "name": "help", "members": [ANA, BEN, "U0BATON"]},
            {"id": "C0OTHER", "name": "other", "members": [ANA]},
            {"id": "C0OLD", "name": "old", "is_archived": True, "members": [ANA, "U0BATON"]},
            {"id": "C0SECRET", "name": "secret", "is_private": True, "members": [ANA]},
        ],
        "usergroups": [{"id": "S0IT", "name": "IT", "handle": "it", "users": [ANA]}],
        "app": {"id": "A0BATON", "bot_user": "U0BATON", "bot_id": "B0BATON", "name": "Baton", "manifest": manifest},
    }


def section(text: str) -> Body:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str, value: str = "1") -> Body:
    element = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": action_id, "value": value}
    return {"type": "actions", "block_id": "buttons", "elements": [element]}


def field(action_id: str, element: Body | None = None, **more: Any) -> Body:
    label = {"type": "plain_text", "text": action_id}
    named = (element or {"type": "plain_text_input"}) | {"action_id": action_id}
    return {"type": "input", "block_id": action_id, "label": label, "element": named, **more}


def form(callback_id: str, *blocks: Body, **more: Any) -> Body:
    titles = {name: {"type": "plain_text", "text": name} for name in ("title", "submit")}
    return {"type": "modal", "callback_id": callback_id, **titles, "blocks": list(blocks), **more}
