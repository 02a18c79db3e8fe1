"""A small app in the local workspace: the house's router with listeners of the test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulator.server import Emulator
from bot.slack.app import make_client as client_of
from handlers.slack.router import Router
from services.desk import Desk
from tests.desks import seed
from tests.patience import PATIENCE_SECONDS

BATON = "U0BATON"


@asynccontextmanager
async def connected(on: Router, desk: Desk | None = None) -> AsyncIterator[Emulator]:
    """The office's workspace with this app in it; its listeners are handed that desk."""
    emulator = Emulator(seed())
    emulator.delivery.answer_seconds, emulator.delivery.retry_delays = PATIENCE_SECONDS, (0.0,)
    await emulator.start(port=0)
    try:
        async with aiohttp.ClientSession() as session:
            handler = AsyncSocketModeHandler(
                _app(client_of("xoxb-local", emulator.api_url, session), on, desk),
                "xapp-local",
                web_client=AsyncWebClient(token="xapp-local", base_url=emulator.api_url),
            )
            await handler.connect_async()  # type: ignore[no-untyped-call]
            await emulator.wait_until_connected()
            yield emulator
            await handler.close_async()  # type: ignore[no-untyped-call]
    finally:
        await emulator.stop()


def _app(slack: AsyncWebClient, on: Router, desk: Desk | None) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0LOCAL", bot_user_id=BATON, bot_token=slack.token)

    app = AsyncApp(client=slack, authorize=authorize, signing_secret="none", process_before_response=True)

    @app.use
    async def hand_over(context: AsyncBoltContext, next_: Any) -> None:  # noqa: ANN401 - Bolt's own
        context["desk"] = desk
        await next_()

    on.attach(app)
    return app
