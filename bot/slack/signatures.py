"""The HTTP endpoint for Slack: a request without a valid signature never reaches Bolt, and is not stored."""

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

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_CLOCK_SKEW_SECONDS: Final = 300
BODY_TIMEOUT_SECONDS: Final = 10
PLAIN_TEXT: Final = "text/plain; charset=utf-8"

Scope = MutableMapping[str, Any]
AsgiMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = dict[str, str | Sequence[str]]
BoltDispatch = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]

log = structlog.get_logger(__name__)

_KIND_BY_PAYLOAD_TYPE: Final = {
    "block_actions": "action",
    "block_suggestion": "options",
    "message_action": "shortcut",
    "shortcut": "shortcut",
    "view_submission": "view",
    "view_closed": "view",
    "event_callback": "event",
    "url_verification": "event",
}


class RequestRefused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class SlackEndpoint:
    """Passes requests from Slack to Bolt, each verified and parsed once; answers all others itself."""

    def __init__(self, bolt: BoltDispatch, *, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._bolt = bolt
        self._secret = secret.encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers, payload = await self._verify_request(scope, receive)
        except RequestRefused as refusal:
            metrics.count_refused_request(refusal.status)
            log.info("Request refused", status=refusal.status, reason=refusal.reason)
            await send_answer(send, refusal.status, refusal.reason, close=True)
            return
        with metrics.time_request(payload_kind(payload)):
            # The payload is parsed already: Bolt takes a dict only in socket_mode.
            bolt_response = await self._bolt(AsyncBoltRequest(body=payload, headers=headers, mode="socket_mode"))
            response = AsgiHttpResponse(bolt_response.status, bolt_response.headers, bolt_response.body)
            await send(response.get_response_start())
            await send(response.get_response_body())

    async def _verify_request(self, scope: Scope, receive: Receive) -> tuple[Headers, dict[str, Any]]:
        """In this order: the headers, the body up to its limit, the signature, the payload."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if scope["method"] != "POST":
            raise RequestRefused(405, "Slack sends POST requests here.")
        if not _is_length_allowed(headers.get(b"content-length")):
            raise RequestRefused(413, "The body is larger than Slack's ever are.")
        timestamp = self._verify_timestamp(headers.get(b"x-slack-request-timestamp", b""))
        signature = headers.get(b"x-slack-signature", b"")
        if not signature:
            raise RequestRefused(401, "The signature is missing.")
        body = await _read_body(receive)
        if not hmac.compare_digest(signature, slack_signature(self._secret, timestamp, body)):
            raise RequestRefused(401, "The signature is wrong.")
        payload = _parse_payload(body, headers.get(b"content-type", b""))
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}, payload

    def _verify_timestamp(self, header: bytes) -> bytes:
        if not re.fullmatch(rb"[0-9]{1,12}", header):
            raise RequestRefused(401, "The timestamp is missing or no number.")
        if abs(self._clock() - int(header)) > MAX_CLOCK_SKEW_SECONDS:
            raise RequestRefused(401, "The timestamp is too far from now.")
        return header


def slack_signature(secret: bytes, timestamp: bytes, body: bytes) -> bytes:
    return b"v0=" + hmac.new(secret, b"v0:%b:%b" % (timestamp, body), hashlib.sha256).hexdigest().encode()


def payload_kind(payload: Mapping[str, Any]) -> str:
    """In Bolt's words: command, action, view, shortcut, options or event."""
    return "command" if "command" in payload else _KIND_BY_PAYLOAD_TYPE.get(str(payload.get("type")), "other")


async def send_answer(send: Send, status: int, text: str, *, kind: str = PLAIN_TEXT, close: bool = False) -> None:
    """`close` also ends the connection, so that nothing more is read from it."""
    body = text.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_length_allowed(header: bytes | None) -> bool:
    return header is None or (bool(re.fullmatch(rb"[0-9]{1,9}", header)) and int(header) <= MAX_BODY_BYTES)


async def _read_body(receive: Receive) -> bytes:
    """A body that is too long or too slow is not read to its end."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise RequestRefused(400, "The request broke off.")
                body += message.get("body", b"")
                if len(body) > MAX_BODY_BYTES:
                    raise RequestRefused(413, "The body is larger than Slack's ever are.")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise RequestRefused(408, "The body did not arrive in time.") from None


def _parse_payload(body: bytes, content_type: bytes) -> dict[str, Any]:
    """RequestRefused when the body holds no payload.

    Bolt's own parser is not used: it reads a form that has the word "payload" in a value as an empty one.
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
        raise RequestRefused(400, "The body cannot be read.") from None
    if not isinstance(payload, dict):
        raise RequestRefused(400, "The body cannot be read.")
    return payload
