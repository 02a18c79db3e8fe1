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
from bot.slack.shapes import MalformedPayload, payload_kind, read_payload

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_CHECK_BYTES: Final = 1024
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
            request = await self._read_request(scope, receive)
        except RequestRefused as refusal:
            metrics.count_refused_request(refusal.status)
            log.info("Request refused", status=refusal.status, reason=refusal.reason)
            await send_answer(send, refusal.status, refusal.reason, close=True)
            return
        if request is None:
            await send_answer(send, 200, "")
            return
        with metrics.time_request(payload_kind(request.body)):
            bolt_response = await self._bolt(request)
            response = AsgiHttpResponse(bolt_response.status, bolt_response.headers, bolt_response.body)
            await send(response.get_response_start())
            await send(response.get_response_body())

    async def _read_request(self, scope: Scope, receive: Receive) -> AsyncBoltRequest | None:
        """None for what is only to be answered: a check of our certificate, which is not always signed, or a notice."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if scope["method"] == "GET" and b"ssl_check=1" in scope.get("query_string", b"").split(b"&"):
            return None
        if scope["method"] != "POST":
            raise RequestRefused(405, "Slack sends POST requests here.")
        if b"x-slack-signature" not in headers and await _is_certificate_check(headers, receive):
            return None
        payload = await self._verify_payload(headers, receive)
        if (isinstance(payload, dict) and "ssl_check" in payload) or log_notice(payload):
            return None
        try:
            return make_request(
                payload, {name.decode("latin-1"): one.decode("latin-1") for name, one in headers.items()}
            )
        except MalformedPayload as fault:
            raise RequestRefused(400, f"This is no payload of Slack's: {fault}.") from None

    async def _verify_payload(self, headers: Mapping[bytes, bytes], receive: Receive) -> Any:  # noqa: ANN401 - any JSON
        """In this order: the headers, the body up to its limit, the signature, the payload."""
        if not _is_length_allowed(headers.get(b"content-length")):
            raise RequestRefused(413, "The body is larger than Slack's ever are.")
        timestamp = self._verify_timestamp(headers.get(b"x-slack-request-timestamp", b""))
        signature = headers.get(b"x-slack-signature", b"")
        if not signature:
            raise RequestRefused(401, "The signature is missing.")
        body = await _read_body(receive)
        if not hmac.compare_digest(signature, slack_signature(self._secret, timestamp, body)):
            raise RequestRefused(401, "The signature is wrong.")
        return _parse_payload(body, headers.get(b"content-type", b""))

    def _verify_timestamp(self, header: bytes) -> bytes:
        if not re.fullmatch(rb"[0-9]{1,12}", header):
            raise RequestRefused(401, "The timestamp is missing or no number.")
        if abs(self._clock() - int(header)) > MAX_CLOCK_SKEW_SECONDS:
            raise RequestRefused(401, "The timestamp is too far from now.")
        return header


def make_request(payload: object, headers: Headers) -> AsyncBoltRequest:
    """The payload as Bolt takes it: parsed already, which Bolt accepts in socket_mode alone. Or MalformedPayload."""
    return AsyncBoltRequest(body=read_payload(payload), headers=headers, mode="socket_mode")


def log_notice(payload: object) -> bool:
    """Whether it only tells us something: that Slack holds back events, because there are too many."""
    if not isinstance(payload, dict) or payload.get("type") != "app_rate_limited":
        return False
    metrics.count_rate_limited_minute()
    log.warning("Slack holds back events of this minute: there are more than 30,000 an hour")
    return True


def slack_signature(secret: bytes, timestamp: bytes, body: bytes) -> bytes:
    return b"v0=" + hmac.new(secret, b"v0:%b:%b" % (timestamp, body), hashlib.sha256).hexdigest().encode()


async def send_answer(send: Send, status: int, text: str, *, kind: str = PLAIN_TEXT, close: bool = False) -> None:
    """`close` also ends the connection, so that nothing more is read from it."""
    body = text.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _is_certificate_check(headers: Mapping[bytes, bytes], receive: Receive) -> bool:
    """Of an unsigned request a few bytes are read, no more."""
    length = headers.get(b"content-length", b"")
    if not re.fullmatch(rb"[0-9]{1,4}", length) or int(length) > MAX_CHECK_BYTES:
        return False
    return b"ssl_check=1" in (await _read_body(receive)).split(b"&")


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


def _parse_payload(body: bytes, content_type: bytes) -> Any:  # noqa: ANN401 - any JSON
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
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RequestRefused(400, "The body cannot be read.") from None
