"""One app at work in a workspace: what it is sent, what crossed the wire, what it was refused."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.emulator.errors import InjectedError, SlackError
from bot.emulator.events.delivery import Delivery
from bot.emulator.events.payloads import VERIFICATION_TOKEN, event_payload
from bot.emulator.events.subscriptions import events_for
from bot.emulator.faults import Faults
from bot.emulator.state.workspace import Change, Workspace
from bot.emulator.traffic import Traffic

T = TypeVar("T")
WAIT_SECONDS = 60.0  # a wait ends as soon as what it waits for is there


@dataclass(frozen=True)
class Refusal:
    """Something the workspace would not accept from the app."""

    method: str
    error: str
    detail: str


class WaitTimedOut(AssertionError):
    """The text ends with the last traffic."""


class AppSession:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.traffic = Traffic()
        self.faults = Faults(workspace)
        self.refusals: list[Refusal] = []
        self.delivery = Delivery(workspace.app, self.traffic, self._wake_waiters)
        self.unanswered = 0  # calls of the app that wait for an answer just now
        self._changed = asyncio.Event()
        workspace.listeners.append(self._send_events)

    def use_http(self, url: str | None) -> None:
        """Signed HTTP to this address instead of Socket Mode; None goes back."""
        self.delivery.http_url = url

    async def verify_url(self) -> bool:
        """Slack's challenge before it trusts an address: true when the app echoes it."""
        challenge = secrets.token_hex(16)
        payload = {"type": "url_verification", "token": VERIFICATION_TOKEN, "challenge": challenge}
        answer = await self.delivery.attempt("events_api", payload)
        return isinstance(answer.body, dict) and challenge in answer.body.values()

    def record_refusal(self, method: str, error: SlackError, *, expected: bool = False) -> None:
        if not (expected or isinstance(error, InjectedError)):
            self.refusals.append(Refusal(method, error.error, error.detail()))
        self._wake_waiters()

    async def wait_out_silence(self) -> None:
        """Until Slack answers again; what was called meanwhile has no effect."""
        self.unanswered += 1
        self._wake_waiters()
        await self.faults.silence_ended.wait()
        self.unanswered -= 1

    async def wait_until(self, predicate: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
        """The first true value of predicate, read again after every change; a LookupError in it means not yet."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := _value_or_none(predicate)):
                    await self._changed.wait()
                return value
        except TimeoutError:
            if value := _value_or_none(predicate):
                return value
            raise WaitTimedOut(f"Not within {seconds} s. The last traffic:\n{self.traffic.summary()}") from None

    async def wait_until_connected(self, seconds: float = WAIT_SECONDS) -> None:
        await self.wait_until(self.delivery.sockets.is_connected, seconds)

    async def wait_until_settled(self, seconds: float = WAIT_SECONDS) -> None:
        """Until every event that was sent is answered, or waits for a later attempt."""
        await self.wait_until(self.delivery.is_idle, seconds)

    def _send_events(self, change: Change) -> None:
        for event in events_for(self.workspace, change):
            self.delivery.send_event(event_payload(self.workspace, event))
        self._wake_waiters()

    def _wake_waiters(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _value_or_none(predicate: Callable[[], T]) -> T | None:
    try:
        return predicate()
    except LookupError:
        return None
