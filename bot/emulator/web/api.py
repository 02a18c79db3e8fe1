"""What apps reach over HTTP: the Web API, files, response URLs, Socket Mode, permalinks."""

import json
import time
from http import HTTPStatus

from aiohttp import web

from bot.emulator import faults
from bot.emulator.errors import SlackError
from bot.emulator.methods import response_urls
from bot.emulator.methods.arguments import Arguments, require_scopes
from bot.emulator.methods.table import METHODS
from bot.emulator.session import AppSession
from bot.emulator.state import files
from bot.emulator.types import Json

TS_SECONDS_DIGITS = 10
PAGE_COOKIE = "local_workspace"


def api_routes(session: AppSession) -> list[web.RouteDef]:
    api = Api(session)
    return [
        web.route("*", "/api/{method}", api.call),
        web.post("/upload/{file}", api.upload),
        web.get("/files/{file}/{name}", api.download),
        web.post("/response/{id}", api.respond),
        web.get("/socket", api.socket),
        web.get("/archives/{channel}/{p}", api.permalink),
    ]


class Api:
    def __init__(self, session: AppSession) -> None:
        self._session = session
        self._workspace = session.workspace

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        began = time.perf_counter()
        values = await _request_values(request)
        if self._session.faults.is_silent(method, values):
            await self._session.wait_out_silence()
            _abort_connection(request)
            return web.Response()
        fault = self._session.faults.take_fault(method)
        if fault is not None and "page" in fault:
            kind = "text/html" if fault["page"].startswith("<") else "text/plain"
            return web.Response(text=fault["page"], content_type=kind, status=fault.get("status", HTTPStatus.OK))
        try:
            if fault is not None:
                faults.raise_error(fault)
            body = {} if fault is not None and fault.get("drop_before") else self._run_method(request, method, values)
            status, headers = HTTPStatus.OK.value, self._scope_headers()
        except SlackError as refusal:
            self._session.record_refusal(method, refusal, expected=fault is not None)
            body, status = refusal.body(), refusal.status
            headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
        ms = round((time.perf_counter() - began) * 1000, 1)
        outcome = {"answer": body, "status": status, "error": body.get("error"), "ms": ms}
        self._session.traffic.add("in", "web_api", method, values, **outcome)
        if fault is not None and (fault.get("drop_before") or fault.get("drop_after")):
            _abort_connection(request)
        return web.json_response(body, status=status, headers=headers)

    def _scope_headers(self) -> dict[str, str]:
        scopes = self._workspace.app.scopes
        return {} if scopes is None else {"x-oauth-scopes": ",".join(sorted(scopes))}

    def _run_method(self, request: web.Request, method: str, values: Json) -> Json:
        app, token = self._workspace.app, _bearer_token(request) or values.get("token", "")
        if method == "apps.connections.open":
            _check_token(token, expected=app.app_token, other=app.bot_token)
            return self._socket_url()
        called = METHODS.get(method)
        if called is None:
            raise SlackError("unknown_method", req_method=method)
        if not called.open_to_all:
            _check_token(token, expected=app.bot_token, other=app.app_token)
            self._session.faults.raise_refusal()
        require_scopes(self._workspace, *called.scopes)
        arguments = Arguments({name: value for name, value in values.items() if name != "token"})
        return called.run(self._workspace, arguments)

    def _socket_url(self) -> Json:
        ticket = self._session.delivery.sockets.new_ticket()
        return {"ok": True, "url": f"{self._workspace.url.replace('http', 'ws', 1)}/socket?ticket={ticket}"}

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        return await self._session.delivery.sockets.serve(request, self._workspace.app.id)

    async def upload(self, request: web.Request) -> web.Response:
        content = await _uploaded_content(request)
        try:
            files.store_content(self._workspace, request.match_info["file"], content)
        except SlackError as refusal:
            self._session.record_refusal("upload", refusal)
            return web.Response(status=HTTPStatus.NOT_FOUND, text=refusal.error)
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """For the app's token and for the page; others are redirected to the page, as Slack redirects to its login."""
        stored = self._workspace.files.get(request.match_info["file"])
        if _bearer_token(request) != self._workspace.app.bot_token and PAGE_COOKIE not in request.cookies:
            raise web.HTTPFound("/")
        if stored is None:
            raise web.HTTPNotFound
        disposition = "inline" if stored.info["mimetype"].startswith("image/") else "attachment"
        headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
        return web.Response(body=stored.content, content_type=stored.info["mimetype"], headers=headers)

    async def respond(self, request: web.Request) -> web.Response:
        body = await _request_values(request)
        text, status, error = "ok", int(HTTPStatus.OK), None
        try:
            target = self._workspace.temporary_ids.redeem_response_id(request.match_info["id"])
            response_urls.post_response(self._workspace, target, body)
        except SlackError as refusal:
            self._session.record_refusal("response_url", refusal)
            text, status, error = *_refusal_answer(refusal), refusal.error
        outcome = {"status": status, "error": error, "answer": text}
        self._session.traffic.add("in", "response_url", "response_url", body, **outcome)
        return web.Response(status=status, text=text)

    async def permalink(self, request: web.Request) -> web.Response:
        digits = request.match_info["p"].removeprefix("p")
        ts = f"{digits[:TS_SECONDS_DIGITS]}.{digits[TS_SECONDS_DIGITS:]}"
        channel = self._workspace.channels.get(request.match_info["channel"])
        message = channel.messages.get(ts, {}) if channel else {}
        raise web.HTTPFound(f"/?channel={request.match_info['channel']}&thread={message.get('thread_ts', ts)}")


def _bearer_token(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _check_token(token: str, *, expected: str, other: str) -> None:
    """other: the app's token of the other type."""
    if not token:
        raise SlackError("not_authed")
    if token == other:
        raise SlackError("not_allowed_token_type")
    if token != expected:
        raise SlackError("invalid_auth")


async def _request_values(request: web.Request) -> Json:
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


async def _uploaded_content(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""


def _refusal_answer(refusal: SlackError) -> tuple[str, int]:
    """Text and status; a response URL does not say what is wrong with blocks."""
    if refusal.error == "invalid_blocks":
        return json.dumps({"ok": False, "error": refusal.error}), int(HTTPStatus.NOT_FOUND)
    return refusal.error, max(refusal.status, int(HTTPStatus.BAD_REQUEST))


def _abort_connection(request: web.Request) -> None:
    """The app cannot know whether its call took effect."""
    if request.transport is not None:
        request.transport.abort()
