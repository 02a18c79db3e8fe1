"""The edge: what is not signed by Slack never reaches Bolt, and nothing of it is kept."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from slack_bolt.adapter.asgi.http_response import AsgiHttpResponse
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import metrics

MOST_BYTES: Final = 1024 * 1024
MOST_SECONDS: Final = 300
BODY_WITHIN: Final = 10

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Bolt = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

log = structlog.get_logger(__name__)

_KINDS: Final = {
    "block_actions": "action",
    "block_suggestion": "options",
    "message_action": "shortcut",
    "shortcut": "shortcut",
    "view_submission": "view",
    "view_closed": "view",
    "event_callback": "event",
    "url_verification": "event",
}


class Refusal(Exception):
    """The answer that a request gets instead of Bolt's."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Edge:
    """Lets Slack's own requests through to Bolt, each checked and read once; answers the others itself."""

    def __init__(self, bolt: Bolt, *, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._bolt = bolt
        self._secret = secret.encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers, payload = await self._checked(scope, receive)
        except Refusal as refusal:
            metrics.refused(refusal.status)
            log.info("Request refused", status=refusal.status, reason=refusal.reason)
            await answer(send, refusal.status, refusal.reason, close=True)
            return
        with metrics.request(kind_of(payload)):
            # What was opened and checked already is handed over as Socket Mode hands it over: as a dict.
            said = await self._bolt(AsyncBoltRequest(body=payload, headers=headers, mode="socket_mode"))
            response = AsgiHttpResponse(said.status, said.headers, said.body)
            await send(response.get_response_start())
            await send(response.get_response_body())

    async def _checked(self, scope: Scope, receive: Receive) -> tuple[dict[str, str | Sequence[str]], dict[str, Any]]:
        """1. What the headers alone tell. 2. The body, up to its limit. 3. The signature. 4. The form of the body."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if scope["method"] != "POST":
            raise Refusal(405, "Slack sends POST requests here.")
        if not _admitted_length(headers.get(b"content-length")):
            raise Refusal(413, "The body is larger than Slack's ever are.")
        timestamp = self._timestamp(headers.get(b"x-slack-request-timestamp", b""))
        signature = headers.get(b"x-slack-signature", b"")
        if not signature:
            raise Refusal(401, "The signature is missing.")
        body = await _body(receive)
        if not hmac.compare_digest(signature, signed(self._secret, timestamp, body)):
            raise Refusal(401, "The signature is wrong.")
        payload = _parsed(body, headers.get(b"content-type", b""))
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}, payload

    def _timestamp(self, words: bytes) -> bytes:
        if not re.fullmatch(rb"[0-9]{1,12}", words):
            raise Refusal(401, "The timestamp is missing or no number.")
        if abs(self._clock() - int(words)) > MOST_SECONDS:
            raise Refusal(401, "The timestamp is too far from now.")
        return words


def signed(secret: bytes, timestamp: bytes, body: bytes) -> bytes:
    """Slack's signature of that body at that time."""
    return b"v0=" + hmac.new(secret, b"v0:%b:%b" % (timestamp, body), hashlib.sha256).hexdigest().encode()


def kind_of(payload: Mapping[str, Any]) -> str:
    """What Slack sent, in Bolt's own words: command, action, view, shortcut, options or event."""
    if "command" in payload:
        return "command"
    return _KINDS.get(str(payload.get("type")), "other")


async def answer(
    send: Send, status: int, text: str, *, kind: str = "text/plain; charset=utf-8", close: bool = False
) -> None:
    """A short answer; `close` also ends the connection, so that nothing more is read from it."""
    body = text.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _admitted_length(words: bytes | None) -> bool:
    return words is None or (words.isdigit() and len(words) < len(str(MOST_BYTES)) + 1 and int(words) <= MOST_BYTES)


async def _body(receive: Receive) -> bytes:
    """The whole body; a longer one, or one that dawdles, is not read to its end."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise Refusal(400, "The request broke off.")
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise Refusal(413, "The body is larger than Slack's ever are.")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise Refusal(408, "The body did not arrive in time.") from None


def _parsed(body: bytes, content_type: bytes) -> dict[str, Any]:
    """The payload; Refusal when there is none.

    Bolt is not asked: it takes a form in which anybody wrote the word "payload" for an empty one.
    """
    try:
        text = body.decode()
        if content_type.partition(b";")[0].strip() != b"application/json" and not text.startswith("{"):
            fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))
            if "payload" not in fields:
                return fields
            text = fields["payload"]
        payload = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body cannot be read.") from None
    if not isinstance(payload, dict):
        raise Refusal(400, "The body cannot be read.")
    return payload
