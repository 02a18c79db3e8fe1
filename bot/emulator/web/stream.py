"""Live updates for open pages, over one websocket each."""

import asyncio
import json
from collections import defaultdict

from aiohttp import web

from bot.emulator.state.objects import channel_row, message_object, user_row
from bot.emulator.state.workspace import Change, Workspace
from bot.emulator.traffic import Traffic, without_secrets
from bot.emulator.types import Json

Queue = asyncio.Queue[str | None]
MAX_QUEUED = 2000
PRIVATE_CHANGES = {"ephemeral", "ephemeral_deleted", "views", "home"}
PEOPLE_CHANGES = {"user_change", "team_join", "presence_change"}
REDRAW_CHANGES = {"message_changed", "thread", "reaction_added", "reaction_removed"}


class PageStream:
    def __init__(self, workspace: Workspace, traffic: Traffic) -> None:
        self._workspace = workspace
        self._queues_by_user: defaultdict[str, set[Queue]] = defaultdict(set)
        workspace.listeners.append(self._send_change)
        traffic.listeners.append(self._send_traffic)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        user = request.query.get("as", "")
        if user not in self._workspace.users:
            raise web.HTTPNotFound
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        queue: Queue = asyncio.Queue(MAX_QUEUED)
        self._queues_by_user[user].add(queue)
        sending = asyncio.create_task(_send_queued(socket, queue))
        try:
            async for _ in socket:
                pass
        finally:
            self._queues_by_user[user].discard(queue)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return socket

    async def close(self) -> None:
        for queues in self._queues_by_user.values():
            for queue in queues:
                _enqueue(queue, None)
        await asyncio.sleep(0)

    def _send_change(self, change: Change) -> None:
        for user, queues in self._queues_by_user.items():
            if queues and _is_visible_to(user, change):
                update = self._update_for(user, change)
                if update is not None:
                    _broadcast(queues, update)

    def _update_for(self, user: str, change: Change) -> Json | None:
        if change.kind in PEOPLE_CHANGES:
            return {"type": "people", "people": [user_row(one) for one in self._workspace.users.values()]}
        if change.kind in {"views", "home", "settings"}:
            return {"type": change.kind, **change.data}
        if change.channel is None:
            return None
        if change.kind in {"channel", "member_joined"}:
            return {"type": "channel", "channel": channel_row(self._workspace, change.channel, user)}
        kind = "message_changed" if change.kind in REDRAW_CHANGES else change.kind
        update: Json = {"type": kind, "channel": change.channel.id}
        if kind.endswith("_deleted"):
            return update | {"ts": change.message["ts"], "thread_ts": change.message.get("thread_ts")}
        return update | {"message": message_object(change.message, metadata=True)}

    def _send_traffic(self, entry: Json) -> None:
        for queues in self._queues_by_user.values():
            if queues:
                _broadcast(queues, {"type": "traffic", "entry": without_secrets(entry)})


def _is_visible_to(user: str, change: Change) -> bool:
    if change.kind in PRIVATE_CHANGES:
        return change.user == user
    return change.channel is None or change.channel.is_visible_to(user)


def _broadcast(queues: set[Queue], update: Json) -> None:
    text = json.dumps(update, default=str)
    for queue in list(queues):
        _enqueue(queue, text)


def _enqueue(queue: Queue, text: str | None) -> None:
    """None ends the connection; so does a full queue: the page reconnects and reads everything anew."""
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        text = None
    queue.put_nowait(text)


async def _send_queued(socket: web.WebSocketResponse, queue: Queue) -> None:
    while (text := await queue.get()) is not None:
        await socket.send_str(text)
    await socket.close()
