"""Socket Mode: the app's open connections, and the envelopes that wait for their answer."""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from bot.emulator.types import Json

MAX_CONNECTIONS = 10


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    pending_answers: dict[str, asyncio.Future[Any]] = field(default_factory=dict)


class Sockets:
    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._open: list[Connection] = []
        self._tickets: set[str] = set()
        self._has_connection = asyncio.Event()
        self._sent_count = 0

    def is_connected(self) -> bool:
        return bool(self._open)

    async def wait_until_connected(self) -> None:
        await self._has_connection.wait()

    def new_ticket(self) -> str:
        """The secret part of the address that apps.connections.open answers; single use."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request, app_id: str) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or len(self._open) >= MAX_CONNECTIONS:
            reason = "too_many_websockets" if ticket in self._tickets else "link_disabled"
            await socket.send_json({"type": "disconnect", "reason": reason})
            await socket.close()
            return socket
        self._tickets.discard(ticket)
        await self._hold_connection(Connection(socket), app_id)
        return socket

    async def send(self, envelope: Json) -> Any:  # noqa: ANN401 - any JSON value
        """Sends on the connections in turn and waits for the answer; ConnectionError if the connection breaks."""
        if not self._open:
            raise ConnectionError("no connection")
        self._sent_count += 1
        connection = self._open[self._sent_count % len(self._open)]
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"
        answer = connection.pending_answers[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.socket.send_str(json.dumps({"envelope_id": envelope_id, **envelope}))
            return await answer
        finally:
            connection.pending_answers.pop(envelope_id, None)

    async def request_reconnect(self) -> None:
        notice = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "local"}}
        for connection in list(self._open):
            await connection.socket.send_json(notice)

    async def close(self) -> None:
        for connection in list(self._open):
            await connection.socket.close()

    async def _hold_connection(self, connection: Connection, app_id: str) -> None:
        hello = {"type": "hello", "num_connections": len(self._open) + 1, "connection_info": {"app_id": app_id}}
        hello |= {"debug_info": {"host": "local", "approximate_connection_time": 3600}}
        await connection.socket.send_json(hello)
        self._open.append(connection)
        self._has_connection.set()
        self._on_change()
        try:
            async for message in connection.socket:
                if message.type == WSMsgType.TEXT:
                    _resolve_answer(connection, message.data)
        finally:
            self._remove_connection(connection)

    def _remove_connection(self, connection: Connection) -> None:
        self._open.remove(connection)
        if not self._open:
            self._has_connection.clear()
        for answer in connection.pending_answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection closed"))
        self._on_change()


def _resolve_answer(connection: Connection, data: str) -> None:
    try:
        message = json.loads(data)
    except ValueError:
        return
    answer = connection.pending_answers.get(message.get("envelope_id", ""))
    if answer is not None and not answer.done():
        answer.set_result(message.get("payload"))
