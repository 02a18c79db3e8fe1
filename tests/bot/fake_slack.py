"""A Slack of a few answers: what the shell of the program asks of the Web API, and one Socket Mode line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiohttp import web

Answer = dict[str, Any]


class FakeSlack:
    """Answers each method as told; a method nobody told it about is `unknown_method`."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.by_argument: dict[str, Answer] = {}
        self.raw: dict[str, tuple[int, dict[str, str], str]] = {}  # status, headers and body
        self.scopes: str | None = ""
        self.url = ""
        self.line: asyncio.Future[web.WebSocketResponse] = asyncio.get_running_loop().create_future()
        self.acknowledged: asyncio.Queue[Answer] = asyncio.Queue()

    async def answer(self, request: web.Request) -> web.Response:
        """What the method was told, or what one channel or person was told."""
        if (raw := self.raw.get(request.match_info["method"])) is not None:
            status, own, text = raw
            kind = "text/html" if text.startswith("<") else "application/json"
            return web.Response(status=status, headers=own, text=text, content_type=kind)
        form = await request.post()
        argument = str(form.get("channel") or form.get("user") or "")
        told = self.by_argument.get(argument) or self.answers.get(request.match_info["method"])
        answer = told or {"ok": False, "error": "unknown_method"}
        headers = {} if self.scopes is None else {"x-oauth-scopes": self.scopes}
        return web.json_response(answer, headers=headers)

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """The line; what the bot acknowledges is kept."""
        line = web.WebSocketResponse()
        await line.prepare(request)
        self.line.set_result(line)
        async for message in line:
            self.acknowledged.put_nowait(message.json())
        return line

    async def send(self, payload: Answer, *, kind: str = "slash_commands") -> str:
        """Sends one envelope down the line; its id is returned."""
        envelope = uuid4().hex
        line = await self.line
        await line.send_json({"type": kind, "envelope_id": envelope, "payload": payload})
        return envelope


@asynccontextmanager
async def fake_slack() -> AsyncIterator[FakeSlack]:
    slack = FakeSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.answer)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    slack.url = f"http://{host}:{port}/api/"
    slack.answers["apps.connections.open"] = {"ok": True, "url": f"ws://{host}:{port}/link"}
    try:
        yield slack
    finally:
        await runner.cleanup()
