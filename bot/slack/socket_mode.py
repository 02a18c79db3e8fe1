"""Socket Mode: a connection with a limit of requests at once, which are answered before it is closed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_base_handler import AsyncBaseSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot import metrics
from bot.settings import REMEDIES, Settings
from bot.slack.shapes import MalformedPayload, payload_kind
from bot.slack.signatures import log_notice, make_request
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
PING_SECONDS: Final = 10
LINK_DISABLED: Final = "link_disabled"

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


class ReportingClient(SocketModeClient):
    """The SDK's client, which connects again by itself; each change of its connection is logged and counted."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(app_token, logger=app.logger, web_client=app.client, ping_interval=PING_SECONDS)
        self.on_close_listeners.append(self._report_close)
        self.on_error_listeners.append(self._report_close)

    async def connect(self) -> None:
        is_again = self.current_session is not None
        await super().connect()  # type: ignore[no-untyped-call]
        if not self.closed:
            metrics.count_socket_mode_change("reopened" if is_again else "opened")
            log.info("The connection to Slack is open", again=is_again)

    async def issue_new_wss_url(self) -> str:
        try:
            return await super().issue_new_wss_url()
        except SlackApiError as error:
            metrics.count_socket_mode_change("refused")
            log.warning("Slack opens no connection", code=error_code(error))
            raise

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        if message.get("type") == "disconnect":
            reason = str(message.get("reason"))
            metrics.count_socket_mode_change("link_disabled" if reason == LINK_DISABLED else "closed")
            if reason == LINK_DISABLED:
                log.warning("Socket Mode is switched off at Slack. Switch it on again on the app's page", reason=reason)
            else:
                log.info("Slack closes the connection", reason=reason)
        await super().run_message_listeners(message, raw_message)

    async def _report_close(self, message: aiohttp.WSMessage) -> None:
        metrics.count_socket_mode_change("closed")
        log.warning("The connection to Slack was closed", kind=aiohttp.WSMsgType(message.type).name)


class SocketModeConnection(AsyncBaseSocketModeHandler):
    """Bolt's Socket Mode handler with a limit of requests at once and an orderly close."""

    app: AsyncApp
    client: ReportingClient

    def __init__(self, app: AsyncApp, settings: Settings, health: Health) -> None:
        self.app = app
        self.app_token = settings.app_token
        self.client = ReportingClient(app, settings.app_token)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]
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
                await self._answer(client, req)
        finally:
            self._in_flight.discard(task)

    async def _answer(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        """What cannot be read is acknowledged, since Slack would only send it again."""
        began = time.time()
        try:
            request = None if log_notice(req.payload) else make_request(req.payload, build_headers(req) or {})
        except MalformedPayload as fault:
            metrics.count_refused_request(HTTPStatus.BAD_REQUEST)
            log.info("Request refused", status=HTTPStatus.BAD_REQUEST.value, reason=f"No payload of Slack's: {fault}.")
            request = None
        if request is None:
            await client.send_socket_mode_response(SocketModeResponse(req.envelope_id))
            return
        with metrics.time_request(payload_kind(request.body)):
            await send_async_response(client, req, await self.app.async_dispatch(request), began)

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
            metrics.count_socket_mode_change("refused")
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
