"""The server: Slack over HTTP or Socket Mode, and /healthz, /readyz and /metrics."""

import asyncio
import contextlib
import errno
import json
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import structlog
import uvicorn
from slack_bolt.app.async_app import AsyncApp

from bot import metrics
from bot.settings import Mode, Settings
from bot.slack.manifest import EVENTS_PATH
from bot.slack.signatures import AsgiApp, Receive, Scope, Send, SlackEndpoint, send_answer
from bot.slack.socket_mode import SocketModeConnection, open_socket_mode
from bot.supervision import Supervisor
from rules.errors import Refused
from rules.model.health import HealthState
from services.health import Health

SOCKET_BACKLOG: Final = 2048
DRAIN_TIMEOUT_SECONDS: Final = 3  # Slack waits no longer for an answer

GaugeUpdate = Callable[[], Awaitable[None]]
PageHandler = Callable[[Send], Awaitable[None]]

log = structlog.get_logger(__name__)


def _ignore_signal() -> None:
    """Where nothing limits how long stopping takes."""


class CannotListen(Refused):
    """Baton cannot listen on HOST and PORT."""


async def serve_slack(
    app: AsyncApp,
    settings: Settings,
    supervisor: Supervisor,
    *,
    measure: GaugeUpdate | None = None,
    listener: socket.socket | None = None,
    stop: asyncio.Event | None = None,
    must_connect: bool = True,
) -> None:
    """Answers Slack until SIGTERM or SIGINT, then finishes the requests in flight.

    `measure` updates the gauges before /metrics is read, `listener` is a socket that `open_listener` made earlier,
    `stop` replaces the signals. SocketModeRefused when Slack refuses the first connection, unless it need not be made.
    """
    health = supervisor.health
    with contextlib.ExitStack() as stack:
        server_socket = stack.enter_context(listener or open_listener(settings))
        stopping = stop or stack.enter_context(stop_on_signals())
        if settings.mode is Mode.HTTP:
            endpoint = SlackEndpoint(app.async_dispatch, secret=settings.signing_secret)
            async with _serve_pages(HttpPages(health, measure, endpoint), server_socket, supervisor):
                await stopping.wait()
            return
        async with (
            open_socket_mode(app, settings, health) as connection,
            _serve_pages(HttpPages(health, measure), server_socket, supervisor),
        ):
            if must_connect:
                await _connect_or_stop(connection, stopping)
            async with supervisor.supervise("Slack connection", connection.run):
                await stopping.wait()


def open_listener(settings: Settings) -> socket.socket:
    """A socket that listens on HOST and PORT, or CannotListen with the remedy. PORT 0 takes a free port."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it an answer takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(SOCKET_BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(_listen_remedy(error, settings)) from None
    return listener


@contextlib.contextmanager
def stop_on_signals(on_signal: Callable[[], None] = _ignore_signal) -> Iterator[asyncio.Event]:
    """The event is set by the first SIGTERM or SIGINT; a second one ends the process at once."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        remove_handlers()
        on_signal()
        event.set()

    def remove_handlers() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield event
    finally:
        remove_handlers()


class HttpPages:
    def __init__(self, health: Health, measure: GaugeUpdate | None, slack: AsgiApp | None = None) -> None:
        self._health = health
        self._measure = measure
        self._slack = slack
        self._pages: dict[str, PageHandler] = {
            "/healthz": self._health_page,
            "/readyz": self._readiness_page,
            "/metrics": self._metrics_page,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = self._pages.get(scope["path"])
        if self._slack is not None and scope["path"] == EVENTS_PATH:
            await self._slack(scope, receive, send)
        elif page is None:
            await send_answer(send, 404, "There is nothing here.\n", close=True)
        elif scope["method"] not in ("GET", "HEAD"):
            await send_answer(send, 405, "This page is only read.\n", close=True)
        else:
            await page(send)

    async def _health_page(self, send: Send) -> None:
        await send_answer(send, 200, "ok\n")

    async def _readiness_page(self, send: Send) -> None:
        """503 while this process cannot save or cannot do its work; what else is wrong keeps nobody from filing."""
        state = self._health.state
        reasons = [
            {"source": reason.source, "reason": str(reason.sentence), "since": reason.since.isoformat()}
            for reason in self._health.reasons
        ]
        page = json.dumps({"status": state, "reasons": reasons}) + "\n"
        await send_answer(send, 503 if state is HealthState.UNREADY else 200, page, kind="application/json")

    async def _metrics_page(self, send: Send) -> None:
        if self._measure is not None:
            await self._measure()
        await send_answer(send, 200, metrics.render_metrics().decode(), kind=metrics.CONTENT_TYPE)


class _ServerWithoutSignals(uvicorn.Server):
    """Leaves the signals to `stop_on_signals`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _PageServer:
    def __init__(self, pages: AsgiApp, listener: socket.socket) -> None:
        self._listener = listener
        self._config = uvicorn.Config(
            pages,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_TIMEOUT_SECONDS,
        )
        self._server = _ServerWithoutSignals(self._config)

    async def run(self) -> None:
        """A server closes its sockets when it ends, so each gets its own copy of the listener."""
        self._server = server = _ServerWithoutSignals(self._config)
        try:
            await server.serve(sockets=[self._listener.dup()])
        finally:
            for listening in getattr(server, "servers", ()):  # none before it has started
                listening.close()

    async def stop(self) -> None:
        """Nobody is let in any more; answers that have begun are finished, within DRAIN_TIMEOUT_SECONDS."""
        self._listener.close()
        self._server.should_exit = True


@contextlib.asynccontextmanager
async def _serve_pages(pages: AsgiApp, listener: socket.socket, supervisor: Supervisor) -> AsyncIterator[None]:
    server = _PageServer(pages, listener)
    host, port = listener.getsockname()[:2]
    log.info("Listening", host=host, port=port)
    async with supervisor.supervise("web server", server.run, stop=server.stop, is_vital=True):
        yield


async def _connect_or_stop(connection: SocketModeConnection, stopping: asyncio.Event) -> None:
    connecting, waiting = asyncio.create_task(connection.connect()), asyncio.create_task(stopping.wait())
    await asyncio.wait({connecting, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if connecting.done():
        connecting.result()
    connecting.cancel()


def _listen_remedy(error: OSError, settings: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        taken = f"Port {settings.port} on {settings.host} is taken."
        return f"{taken} End the program that has it, or set PORT to a free one."
    if error.errno == errno.EACCES:
        return f"Port {settings.port} is kept for the administrator. Set PORT to one above 1023."
    return f"Baton cannot listen on {settings.host}. Set HOST to an address of this machine, such as 127.0.0.1."
