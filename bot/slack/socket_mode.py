"""Socket Mode: one line to Slack, so many requests at once, and every one answered before it is cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot import metrics
from bot.settings import REMEDIES, Settings
from bot.slack.signatures import kind_of
from rules.errors import DeskError

AT_ONCE: Final = 64
DRAIN_WITHIN: Final = 10
AGAIN_AFTER: Final = 10
RENEW_AFTER: Final = 60

# Everything else that Slack answers stays the same however often it is asked.
PASSING: Final = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "unreadable"}
)

log = structlog.get_logger(__name__)


class LineRefused(DeskError):
    """Slack opens no line for this app token."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"Slack refuses SLACK_APP_TOKEN ({code}). {REMEDIES['slack_app_token']} Socket Mode must be on there too."
        )


class Line(AsyncSocketModeHandler):
    """Bolt's own Socket Mode, with a limit and a clean end."""

    def __init__(self, app: AsyncApp, settings: Settings) -> None:
        super().__init__(app, settings.app_token)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._in_flight: set[asyncio.Task[Any] | None] = set()
        self._closing = False

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Answers one request. While the line closes nothing is answered, and Slack sends it elsewhere or again."""
        if self._closing:
            return
        task = asyncio.current_task()
        self._in_flight.add(task)
        try:
            async with self._places:
                with metrics.request(kind_of(req.payload)):
                    await super().handle(client, req)
        finally:
            self._in_flight.discard(task)

    async def connect(self) -> None:
        """Returns once connected. LineRefused when Slack says no for good; otherwise it is tried until it works."""
        while True:
            self.client.wss_uri = await self._new_address()
            if self.client.wss_uri is not None:
                break
            await asyncio.sleep(AGAIN_AFTER)
        await self.connect_async()  # type: ignore[no-untyped-call]
        log.info("Connected to Slack")

    async def connected(self) -> bool:
        """False while the line is down."""
        return await self.client.is_connected()

    async def renew(self) -> None:
        """An address of Slack's opens one line and soon expires, but its client goes on trying the old one."""
        while True:
            await asyncio.sleep(RENEW_AFTER)
            if not await self.connected():
                self.client.wss_uri = None

    async def close(self) -> None:
        """Waits for the answers that are on their way, then cuts the line."""
        self._closing = True
        waiting = {task for task in self._in_flight if task is not None}
        if waiting:
            await asyncio.wait(waiting, timeout=DRAIN_WITHIN)
        await self.close_async()  # type: ignore[no-untyped-call]

    async def _new_address(self) -> str | None:
        """None when it may work later."""
        try:
            opened = await self.client.web_client.apps_connections_open(app_token=self.app_token)
            return str(opened["url"])
        except SlackApiError as error:
            code = code_of(error)
            if code not in PASSING:
                raise LineRefused(code) from None
            log.warning("Slack opens no line just now", code=code)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack is out of reach", reason=str(error) or type(error).__name__)
        return None


@contextlib.asynccontextmanager
async def line(app: AsyncApp, settings: Settings) -> AsyncIterator[Line]:
    """A line that is being connected; it is closed in order at the end."""
    opened = Line(app, settings)
    renewing = asyncio.create_task(opened.renew())
    try:
        yield opened
    finally:
        renewing.cancel()
        await opened.close()


def code_of(error: SlackApiError) -> str:
    """Slack's name of what went wrong; `unreadable` when it was no answer of Slack's."""
    answer = getattr(error.response, "data", error.response)
    return str(answer.get("error") or "unreadable") if isinstance(answer, dict) else "unreadable"
