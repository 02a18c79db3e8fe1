"""Payloads reach the app over Socket Mode or signed HTTP; events that stay unanswered are sent again."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.emulator.events.sockets import Sockets
from bot.emulator.state.workspace import App
from bot.emulator.traffic import Traffic
from bot.emulator.types import Json

MAX_WAITING_EVENTS = 1000


@dataclass(frozen=True)
class Answer:
    """The app's; error is None for an accepted payload, status 0 when no answer came."""

    status: int
    body: Any = None
    error: str | None = None
    reason: str = ""
    no_retry: bool = False


class Delivery:
    def __init__(self, app: App, traffic: Traffic, on_change: Callable[[], None]) -> None:
        self.sockets = Sockets(on_change)
        self.http_url: str | None = None
        self.answer_seconds = 3.0
        self.retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)  # at once, after one minute, after five
        self.lost_events: list[Json] = []  # never answered, after all their retries
        self._app = app
        self._traffic = traffic
        self._on_change = on_change
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._retry_requested = asyncio.Event()
        self._paused_events = 0

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.sockets.close()
        if self._session is not None:
            await self._session.close()

    def send_event(self, body: Json) -> None:
        """Returns at once; the event is sent until it is answered or its retries are used up."""
        if len(self._tasks) >= MAX_WAITING_EVENTS and not self._is_reachable():
            self.lost_events.append(body)
            return
        task = asyncio.get_running_loop().create_task(self._deliver(body))
        self._tasks.add(task)
        task.add_done_callback(self._forget_task)

    def retry_events_now(self) -> None:
        self._retry_requested.set()
        self._retry_requested = asyncio.Event()

    async def send_interaction(self, kind: str, payload: Json) -> Answer:
        """kind: slash_commands or interactive. Never repeated: the person sees the error."""
        if not self._is_reachable():
            answer = Answer(0, error="operation_timeout", reason="no_connection")
            self._record(kind, payload, answer, None)
            return answer
        return await self.attempt(kind, payload)

    def is_idle(self) -> bool:
        """Every event is answered, or waits for a later attempt."""
        return len(self._tasks) == self._paused_events

    def _forget_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._on_change()

    def _is_reachable(self) -> bool:
        return self.http_url is not None or self.sockets.is_connected()

    async def _deliver(self, body: Json) -> None:
        reason = ""
        for attempt, wait in enumerate((0.0, *self.retry_delays)):
            await self._pause(wait)
            if self.http_url is None:
                await self.sockets.wait_until_connected()
            answer = await self.attempt("events_api", body, attempt, reason)
            if answer.error is None or answer.no_retry:
                return
            reason = answer.reason
        self.lost_events.append(body)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        self._paused_events += 1
        self._on_change()
        try:
            async with asyncio.timeout(seconds):
                await self._retry_requested.wait()
        except TimeoutError:
            return
        finally:
            self._paused_events -= 1

    async def attempt(self, kind: str, payload: Json, attempt: int = 0, reason: str = "") -> Answer:
        began = time.perf_counter()
        if self.http_url is not None:
            answer = await self._send_by_http(self.http_url, kind, payload, attempt, reason)
        else:
            answer = await self._send_by_socket(kind, payload, attempt, reason)
        self._record(kind, payload, answer, round((time.perf_counter() - began) * 1000, 1), attempt)
        return answer

    def _record(self, kind: str, payload: Json, answer: Answer, ms: float | None, attempt: int = 0) -> None:
        name = payload_name(payload) + (f" (retry {attempt})" if attempt else "")
        outcome = {"answer": answer.body, "status": answer.status, "error": answer.error, "ms": ms}
        self._traffic.add("out", kind, name, payload, **outcome)
        self._on_change()

    async def _send_by_socket(self, kind: str, payload: Json, attempt: int, reason: str) -> Answer:
        extra = {"retry_attempt": attempt, "retry_reason": reason} if kind == "events_api" else {}
        envelope = {"type": kind, "payload": payload, "accepts_response_payload": kind != "events_api", **extra}
        try:
            async with asyncio.timeout(self.answer_seconds):
                body = await self.sockets.send(envelope)
        except TimeoutError:
            return Answer(0, error="operation_timeout", reason="timeout")
        except ConnectionError:
            return Answer(0, error="operation_timeout", reason="connection_failed")
        return Answer(HTTPStatus.OK, body)

    async def _send_by_http(self, url: str, kind: str, payload: Json, attempt: int, reason: str) -> Answer:
        body, content_type = _encoded_body(kind, payload)
        headers = self._signature_headers(body) | {"Content-Type": content_type}
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self.answer_seconds)
        sending = self._session.post(url, data=body, headers=headers, timeout=limit, allow_redirects=False)
        try:
            async with sending as response:
                return _answer_of(response, await response.text())
        except TimeoutError:
            return Answer(0, error="operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Answer(0, error="dispatch_failed", reason="connection_failed")

    def _signature_headers(self, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        basis = b":".join((b"v0", now.encode(), body))
        digest = hmac.new(self._app.signing_secret.encode(), basis, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"}


def _encoded_body(kind: str, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _answer_of(response: aiohttp.ClientResponse, text: str) -> Answer:
    if response.status // 100 != HTTPStatus.OK // 100:
        no_retry = response.headers.get("x-slack-no-retry") == "1"
        return Answer(response.status, text, "dispatch_failed", "http_error", no_retry)
    if response.content_type == "application/json" and text:
        try:
            return Answer(response.status, json.loads(text))
        except ValueError:
            return Answer(response.status, text, "dispatch_failed", "http_error")
    return Answer(response.status, {"text": text} if text else None)


def payload_name(payload: Json) -> str:
    if "event" in payload:
        event = payload["event"]
        return str(event["type"]) + (f".{event['subtype']}" if "subtype" in event else "")
    if "command" in payload:
        return str(payload["command"])
    if payload.get("actions"):
        return str(payload["actions"][0]["action_id"])
    view = payload.get("view") or {}
    return str(payload.get("callback_id") or payload.get("action_id") or view.get("callback_id") or payload["type"])
