"""Socket Mode: the app's open connections, and the envelopes that wait for their answer."""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulator.state.workspace import Json

MOST = 10


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)


class Sockets:
    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._open: list[Connection] = []
        self._tickets: set[str] = set()
        self._some = asyncio.Event()
        self._turn = 0

    def connected(self) -> bool:
        return bool(self._open)

    async def wait(self) -> None:
        """Until a connection is there."""
        await self._some.wait()

    def ticket(self) -> str:
        """Single use: the secret part of the address apps.connections.open hands out."""
        name = secrets.token_urlsafe(16)
        self._tickets.add(name)
        return name

    async def serve(self, request: web.Request, app_id: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self._open) >= MOST:
            reason = "too_many_websockets" if ticket in self._tickets else "link_disabled"
            await socket.send_json({"type": "disconnect", "reason": reason})
            await socket.close()
            return socket
        self._tickets.discard(ticket)
        await self._talk(Connection(socket), app_id)
        return socket

    async def send(self, envelope: Json) -> Any:  # noqa: ANN401 - whatever the app answered
        """Sends on the next connection in turn and waits for its answer; ConnectionError if the line breaks."""
        if not self._open:
            raise ConnectionError("no connection")
        self._turn += 1
        connection = self._open[self._turn % len(self._open)]
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"
        answer = connection.waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.socket.send_str(json.dumps({"envelope_id": envelope_id, **envelope}))
            return await answer
        finally:
            connection.waiting.pop(envelope_id, None)

    async def refresh(self) -> None:
        """Asks every connection to come again, as Slack does every few hours."""
        notice = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "local"}}
        for connection in list(self._open):
            await connection.socket.send_json(notice)

    async def close(self) -> None:
        for connection in list(self._open):
            await connection.socket.close()

    async def _talk(self, connection: Connection, app_id: str) -> None:
        hello = {"type": "hello", "num_connections": len(self._open) + 1, "connection_info": {"app_id": app_id}}
        await connection.socket.send_json(
            hello | {"debug_info": {"host": "local", "approximate_connection_time": 3600}}
        )
        self._open.append(connection)
        self._some.set()
        self._changed()
        try:
            async for message in connection.socket:
                if message.type == WSMsgType.TEXT:
                    _hear(connection, message.data)
        finally:
            self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        self._open.remove(connection)
        if not self._open:
            self._some.clear()
        for answer in connection.waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection closed"))
        self._changed()


def _hear(connection: Connection, data: str) -> None:
    try:
        said = json.loads(data)
    except ValueError:
        return
    answer = connection.waiting.get(said.get("envelope_id", ""))
    if answer is not None and not answer.done():
        answer.set_result(said.get("payload"))
