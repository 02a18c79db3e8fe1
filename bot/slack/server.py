"""Baton listens: to Slack over HTTP or Socket Mode, and to whoever watches over it."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import structlog
import uvicorn
from slack_bolt.app.async_app import AsyncApp

from bot import metrics
from bot.settings import Mode, Settings
from bot.slack.manifest import PATH
from bot.slack.signatures import Asgi, Edge, Receive, Scope, Send, answer
from bot.slack.socket_mode import Line, line
from rules.errors import DeskError

BACKLOG: Final = 2048
DRAIN_WITHIN: Final = 10
READY_WITHIN: Final = 2

Reasons = Callable[[], Awaitable[list[str]]]
Measure = Callable[[], Awaitable[None]]
Page = Callable[[Send], Awaitable[None]]

log = structlog.get_logger(__name__)


class NoListening(DeskError):
    """HOST and PORT are not Baton's to listen on."""


async def serve(
    app: AsyncApp,
    settings: Settings,
    *,
    ready: Reasons,
    measure: Measure | None = None,
    listener: socket.socket | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Answers Slack until the process is told to stop, and then every request in flight.

    `ready` names what keeps Baton from working (nothing: it works), `measure` brings the figures up to date before
    they are read, `listener` is a socket made by `listening` earlier, `stop` takes the place of the signals.
    """
    own = listener or listening(settings)
    with contextlib.ExitStack() as signals:
        ending = stop or signals.enter_context(told_to_stop())
        if settings.mode is Mode.HTTP:
            edge = Edge(app.async_dispatch, secret=settings.signing_secret)
            async with _web(Pages(ready, measure, edge), own):
                await ending.wait()
            return
        async with line(app, settings) as opened, _web(Pages(_with_line(ready, opened), measure), own):
            await _connect(opened, ending)
            await ending.wait()


def listening(settings: Settings) -> socket.socket:
    """HOST and PORT, ours from now on; NoListening says what stands in the way. PORT 0 takes a free one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends small answers at once (TCP_NODELAY) only where the protocol is named; 40 ms an answer otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise NoListening(_remedy(error, settings)) from None
    return listener


@contextlib.contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """Set by the first SIGTERM or SIGINT; a second one ends the process at once."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        forget()
        event.set()

    def forget() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield event
    finally:
        forget()


class Pages:
    """What Baton answers: /healthz, /readyz and /metrics, and in HTTP Mode Slack."""

    def __init__(self, ready: Reasons, measure: Measure | None, slack: Asgi | None = None) -> None:
        self._ready = ready
        self._measure = measure
        self._slack = slack
        self._pages: dict[str, Page] = {"/healthz": self._health, "/readyz": self._readiness, "/metrics": self._metrics}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = self._pages.get(scope["path"])
        if self._slack is not None and scope["path"] == PATH:
            await self._slack(scope, receive, send)
        elif page is None:
            await answer(send, 404, "There is nothing here.\n", close=True)
        elif scope["method"] not in ("GET", "HEAD"):
            await answer(send, 405, "This page is only read.\n", close=True)
        else:
            await page(send)

    async def _health(self, send: Send) -> None:
        await answer(send, 200, "ok\n")

    async def _readiness(self, send: Send) -> None:
        try:
            async with asyncio.timeout(READY_WITHIN):
                reasons = await self._ready()
        except TimeoutError:
            reasons = [f"The desk did not answer within {READY_WITHIN} seconds."]
        await answer(send, 503 if reasons else 200, "".join(f"{reason}\n" for reason in reasons or ["ok"]))

    async def _metrics(self, send: Send) -> None:
        if self._measure is not None:
            await self._measure()
        await answer(send, 200, metrics.page().decode(), kind=metrics.CONTENT_TYPE)


class _Server(uvicorn.Server):
    """Signals are told_to_stop's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _web(pages: Asgi, listener: socket.socket) -> AsyncIterator[None]:
    """Serves the pages meanwhile; at the end whoever was already answered to gets the rest."""
    config = uvicorn.Config(
        pages,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_WITHIN,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    host, port = listener.getsockname()[:2]
    log.info("Listening", host=host, port=port)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _connect(opened: Line, ending: asyncio.Event) -> None:
    """Connects, unless the process is told to stop before that works; LineRefused travels up."""
    connecting, stopping = asyncio.create_task(opened.connect()), asyncio.create_task(ending.wait())
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if connecting.done():
        connecting.result()
    connecting.cancel()


def _with_line(ready: Reasons, opened: Line) -> Reasons:
    async def reasons() -> list[str]:
        down = [] if await opened.connected() else ["There is no connection to Slack."]
        return [*await ready(), *down]

    return reasons


def _remedy(error: OSError, settings: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {settings.port} on {settings.host} is taken. End the program that has it, or set PORT to a free one."
        )
    if error.errno == errno.EACCES:
        return f"Port {settings.port} is kept for the administrator. Set PORT to one above 1023."
    return f"Baton cannot listen on {settings.host}. Set HOST to an address of this machine, such as 127.0.0.1."
