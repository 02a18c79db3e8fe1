"""What open pages hear at once: one websocket a person."""

import asyncio
import json
from collections import defaultdict
from typing import TYPE_CHECKING

from aiohttp import web

from bot.emulator.state.shapes import channel_row, public, user_row
from bot.emulator.state.workspace import Change, Json
from bot.emulator.traffic import clean

if TYPE_CHECKING:
    from bot.emulator.server import Emulator

FAR_BEHIND = 2000
PRIVATE = {"ephemeral", "ephemeral_deleted", "views", "home"}
PEOPLE = {"user_change", "team_join", "presence_change"}
REDRAWN = {"message_changed", "thread", "reaction_added", "reaction_removed"}


class Stream:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._watching: defaultdict[str, set[asyncio.Queue[str | None]]] = defaultdict(set)
        emulator.traffic.listeners.append(self._traffic)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        user = request.query.get("as", "")
        if user not in self._emulator.workspace.users:
            raise web.HTTPNotFound
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[str | None] = asyncio.Queue(FAR_BEHIND)
        self._watching[user].add(queue)
        sending = asyncio.create_task(_send(socket, queue))
        try:
            async for _ in socket:
                pass
        finally:
            self._watching[user].discard(queue)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def close(self) -> None:
        for queues in self._watching.values():
            for queue in queues:
                _put(queue, None)
        await asyncio.sleep(0)

    def hear(self, change: Change) -> None:
        for user, queues in self._watching.items():
            if queues and self._concerns(user, change):
                for news in self._news(user, change):
                    _tell(queues, news)

    def _concerns(self, user: str, change: Change) -> bool:
        if change.kind in PRIVATE:
            return change.user == user
        channel = change.channel
        return channel is None or channel.kind() == "channel" or user in channel.members

    def _news(self, user: str, change: Change) -> list[Json]:
        workspace = self._emulator.workspace
        if change.kind in PEOPLE:
            return [{"type": "people", "people": [user_row(one) for one in workspace.users.values()]}]
        if change.kind in {"views", "home", "settings"}:
            return [{"type": change.kind, **change.data}]
        if change.channel is None:
            return []
        if change.kind in {"channel", "member_joined"}:
            return [{"type": "channel", "channel": channel_row(workspace, change.channel, user)}]
        kind = "message_changed" if change.kind in REDRAWN else change.kind
        news: Json = {"type": kind, "channel": change.channel.id}
        if kind.endswith("_deleted"):
            return [news | {"ts": change.message["ts"], "thread_ts": change.message.get("thread_ts")}]
        return [news | {"message": public(change.message, metadata=True)}]

    def _traffic(self, entry: Json) -> None:
        for queues in self._watching.values():
            if queues:
                _tell(queues, {"type": "traffic", "entry": clean(entry)})


def _tell(queues: set[asyncio.Queue[str | None]], news: Json) -> None:
    text = json.dumps(news, default=str)
    for queue in list(queues):
        _put(queue, text)


def _put(queue: asyncio.Queue[str | None], text: str | None) -> None:
    """A page that is too far behind is let go: it reconnects and reads everything anew."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        text = None
    queue.put_nowait(text)


async def _send(socket: web.WebSocketResponse, queue: asyncio.Queue[str | None]) -> None:
    while (text := await queue.get()) is not None:
        await socket.send_str(text)
    await socket.close()
