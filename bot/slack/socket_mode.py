"""Socket Mode: a connection with a limit of requests at once, which are answered before it is closed."""

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
from bot.slack.signatures import payload_kind
from handlers.slack.ephemeral import error_code
from rules.errors import Refused
from rules.text import _
from services.health import Health

MAX_REQUESTS_AT_ONCE: Final = 64
DRAIN_TIMEOUT_SECONDS: Final = 3  # Slack waits no longer for an answer
RECONNECT_SECONDS: Final = 10
CONNECTION_CHECK_SECONDS: Final = 3
ADDRESS_CHECKS: Final = 20
CONNECTION: Final = "Slack connection"

# Slack's other errors do not change when the call is repeated.
TRANSIENT_ERRORS: Final = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "unreadable"}
)

log = structlog.get_logger(__name__)


class SocketModeRefused(Refused):
    def __init__(self, code: str) -> None:
        remedy = f"{REMEDIES['slack_app_token']} Socket Mode must be on there too."
        super().__init__(f"Slack refuses SLACK_APP_TOKEN ({code}). {remedy}")


class ConnectionBroken(Exception):
    """One of the SDK's tasks that keep the connection has ended."""


class SocketModeConnection(AsyncSocketModeHandler):
    """Bolt's Socket Mode handler with a limit of requests at once and an orderly close."""

    def __init__(self, app: AsyncApp, settings: Settings, health: Health) -> None:
        super().__init__(app, settings.app_token)
        self._health = health
        self._slots = asyncio.Semaphore(MAX_REQUESTS_AT_ONCE)
        self._in_flight: set[asyncio.Task[Any] | None] = set()
        self._closing = False

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """While the connection closes requests are not answered, and Slack sends them again or elsewhere."""
        if self._closing:
            return
        task = asyncio.current_task()
        self._in_flight.add(task)
        try:
            async with self._slots:
                with metrics.time_request(payload_kind(req.payload)):
                    await super().handle(client, req)
        finally:
            self._in_flight.discard(task)

    async def connect(self) -> None:
        """Tries until it is connected; SocketModeRefused when Slack gives a lasting error."""
        await self._report_connection()
        while True:
            self.client.wss_uri = await self._request_address()
            if self.client.wss_uri is not None:
                break
            await asyncio.sleep(RECONNECT_SECONDS)
        await self.connect_async()  # type: ignore[no-untyped-call]
        await self._report_connection()
        log.info("Connected to Slack")

    async def is_connected(self) -> bool:
        return await self.client.is_connected()

    async def run(self) -> None:
        """Keeps the connection; raises ConnectionBroken when one of the SDK's tasks has ended, which nothing but a new
        connection mends. The SDK itself opens another one when Slack closes this one."""
        if self._is_broken():
            await self._rebuild()
        checks = 0
        while not self._is_broken():
            await asyncio.sleep(CONNECTION_CHECK_SECONDS)
            await self._report_connection()
            checks += 1
            if checks % ADDRESS_CHECKS == 0 and not await self.is_connected():
                # An address opens one connection and expires soon, but the SDK's client goes on trying the old one.
                self.client.wss_uri = None
        raise ConnectionBroken

    def _is_broken(self) -> bool:
        tasks = (self.client.message_processor, self.client.message_receiver, self.client.current_session_monitor)
        return any(task is None or task.done() for task in tasks)

    async def _rebuild(self) -> None:
        if self.client.message_processor.done():
            self.client.message_processor = asyncio.ensure_future(self.client.process_messages())  # type: ignore[no-untyped-call]
        await self.connect()

    async def _report_connection(self) -> None:
        if await self.is_connected():
            self._health.clear(CONNECTION)
        else:
            self._health.report(CONNECTION, _("There is no connection to Slack."))

    async def close(self) -> None:
        """Waits for answers in flight, up to DRAIN_TIMEOUT_SECONDS."""
        self._closing = True
        in_flight = {task for task in self._in_flight if task is not None}
        if in_flight:
            await asyncio.wait(in_flight, timeout=DRAIN_TIMEOUT_SECONDS)
        await self.close_async()  # type: ignore[no-untyped-call]

    async def _request_address(self) -> str | None:
        """None when a later call may work."""
        try:
            answer = await self.client.web_client.apps_connections_open(app_token=self.app_token)
            return str(answer["url"])
        except SlackApiError as error:
            code = error_code(error)
            if code not in TRANSIENT_ERRORS:
                raise SocketModeRefused(code) from None
            log.warning("Slack opens no line just now", code=code)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack is out of reach", reason=str(error) or type(error).__name__)
        return None


@contextlib.asynccontextmanager
async def open_socket_mode(app: AsyncApp, settings: Settings, health: Health) -> AsyncIterator[SocketModeConnection]:
    """The caller connects it; it is closed on exit."""
    connection = SocketModeConnection(app, settings, health)
    try:
        yield connection
    finally:
        await connection.close()
