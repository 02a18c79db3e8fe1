"""The workspace's side of the wire: the Web API, uploads, response URLs, Socket Mode, permalinks."""

import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from bot.emulator.errors import Refused
from bot.emulator.events import response_urls
from bot.emulator.methods.table import METHODS
from bot.emulator.state import files
from bot.emulator.state.api_call import Asked, need_scope
from bot.emulator.state.workspace import Json

if TYPE_CHECKING:
    from bot.emulator.server import Emulator

SHORT_TS = 10
COOKIE = "local_workspace"


def routes(emulator: "Emulator") -> list[web.RouteDef]:
    desk = Api(emulator)
    return [
        web.route("*", "/api/{method}", desk.call),
        web.post("/upload/{file}", desk.upload),
        web.get("/files/{file}/{name}", desk.download),
        web.post("/response/{name}", desk.respond),
        web.get("/socket", desk.socket),
        web.get("/archives/{channel}/{p}", desk.permalink),
    ]


class Api:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._workspace = emulator.workspace

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        began = time.perf_counter()
        values = await _values(request)
        fault = self._emulator.faults.take(method)
        try:
            if fault is not None:
                fault.raise_if_refusing()
            body = {} if fault is not None and fault.drop_before else self._run(request, method, values)
            status, headers = HTTPStatus.OK.value, self._granted()
        except Refused as refusal:
            self._emulator.refuse(method, refusal, expected=fault is not None)
            body, status = refusal.body(), refusal.status
            headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
        ms = round((time.perf_counter() - began) * 1000, 1)
        outcome = {"answer": body, "status": status, "error": body.get("error"), "ms": ms}
        self._emulator.traffic.add("in", "web_api", method, values, **outcome)
        if fault is not None and (fault.drop_before or fault.drop_after):
            _hang_up(request)
        return web.json_response(body, status=status, headers=headers)

    def _granted(self) -> dict[str, str]:
        """What the token may do, as Slack tells it beside every answer."""
        scopes = self._workspace.app.scopes
        return {} if scopes is None else {"x-oauth-scopes": ",".join(sorted(scopes))}

    def _run(self, request: web.Request, method: str, values: Json) -> Json:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or values.get("token", "")
        if method == "apps.connections.open":
            return self._open_socket(token)
        found = METHODS.get(method)
        if found is None:
            raise Refused("unknown_method", req_method=method)
        if not found.open_to_all:
            self._check_token(token)
        need_scope(self._workspace, *found.scopes)
        asked = {name: value for name, value in values.items() if name != "token"}
        return found.run(self._workspace, Asked(method, asked))

    def _check_token(self, token: str) -> None:
        if not token:
            raise Refused("not_authed")
        if token == self._workspace.app.app_token:
            raise Refused("not_allowed_token_type")
        if token != self._workspace.app.bot_token:
            raise Refused("invalid_auth")

    def _open_socket(self, token: str) -> Json:
        if not token:
            raise Refused("not_authed")
        if token != self._workspace.app.app_token:
            raise Refused("not_allowed_token_type" if token == self._workspace.app.bot_token else "invalid_auth")
        ticket = self._emulator.delivery.sockets.ticket()
        return {"ok": True, "url": f"{self._workspace.url.replace('http', 'ws', 1)}/socket?ticket={ticket}"}

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        return await self._emulator.delivery.sockets.serve(request, self._workspace.app.id)

    async def upload(self, request: web.Request) -> web.Response:
        content = await _uploaded(request)
        try:
            files.fill(self._workspace, request.match_info["file"], content)
        except Refused as refusal:
            self._emulator.refuse("upload", refusal)
            return web.Response(status=HTTPStatus.NOT_FOUND, text=refusal.error)
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """Opens with the app's token or in the page; anyone else is sent to the page, as Slack sends to its login."""
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        stored = self._workspace.files.get(request.match_info["file"])
        if bearer != self._workspace.app.bot_token and COOKIE not in request.cookies:
            raise web.HTTPFound("/")
        if stored is None:
            raise web.HTTPNotFound
        shown = "inline" if stored.info["mimetype"].startswith("image/") else "attachment"
        headers = {"Content-Disposition": shown, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=stored.content, content_type=stored.info["mimetype"], headers=headers)

    async def respond(self, request: web.Request) -> web.Response:
        body = await _values(request)
        refusal: Refused | None = None
        try:
            response_urls.respond(self._workspace, self._workspace.passes.use(request.match_info["name"]), body)
        except Refused as refused:
            refusal = refused
            self._emulator.refuse("response_url", refused)
        text, status = ("ok", HTTPStatus.OK) if refusal is None else _told(refusal)
        outcome = {"status": int(status), "error": refusal and refusal.error, "answer": text}
        self._emulator.traffic.add("in", "response_url", "response_url", body, **outcome)
        return web.Response(status=status, text=text)

    async def permalink(self, request: web.Request) -> web.Response:
        digits = request.match_info["p"].removeprefix("p")
        ts = f"{digits[:SHORT_TS]}.{digits[SHORT_TS:]}"
        channel = self._workspace.channels.get(request.match_info["channel"])
        message = channel.messages.get(ts, {}) if channel else {}
        raise web.HTTPFound(f"/?channel={request.match_info['channel']}&thread={message.get('thread_ts', ts)}")


async def _values(request: web.Request) -> Json:
    """Query, form or JSON: Slack takes all three."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        try:
            body = json.loads(text) if text else {}
        except ValueError:
            body = {}
        return values | (body if isinstance(body, dict) else {})
    if request.method == "POST":
        values |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return values


async def _uploaded(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""


def _told(refusal: Refused) -> tuple[str, int]:
    """How a response URL refuses; what the blocks are wrong with it keeps to itself, only their error has a name."""
    if refusal.error == "invalid_blocks":
        return json.dumps({"ok": False, "error": refusal.error}), HTTPStatus.NOT_FOUND
    return refusal.error, max(refusal.status, HTTPStatus.BAD_REQUEST)


def _hang_up(request: web.Request) -> None:
    """Cuts the line: the app cannot know whether its call did anything."""
    if request.transport is not None:
        request.transport.abort()
