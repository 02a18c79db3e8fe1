"""What may be used once or for a while: trigger ids and response URLs."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from bot.emulator.errors import Refused

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 1800.0
RESPONSE_USES = 5
NOT_FOUND = 404
REMEMBERED = 50_000


@dataclass
class Trigger:
    user: str
    until: float
    view_id: str | None = None
    used: bool = False


@dataclass
class Response:
    """Where a response URL leads: for whom, and which message it may replace."""

    user: str
    channel: str
    until: float
    message_ts: str | None = None
    is_ephemeral: bool = False
    thread_ts: str | None = None
    uses: int = RESPONSE_USES


class Passes:
    def __init__(self, trigger_seconds: float = TRIGGER_SECONDS, response_seconds: float = RESPONSE_SECONDS) -> None:
        self.trigger_seconds = trigger_seconds
        self.response_seconds = response_seconds
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, Response] = {}

    def trigger(self, user: str, view_id: str | None = None) -> str:
        _keep_few(self._triggers)
        name = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(user, time.monotonic() + self.trigger_seconds, view_id)
        return name

    def exchange(self, name: str) -> Trigger:
        """Single use: the second exchange is refused, and so is one that comes too late."""
        trigger = self._triggers.get(name)
        if trigger is None:
            raise Refused("invalid_trigger_id")
        if trigger.used:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() >= trigger.until:
            raise Refused("expired_trigger_id")
        trigger.used = True
        return trigger

    def response(self, user: str, channel: str, **about: Any) -> str:
        _keep_few(self._responses)
        name = secrets.token_urlsafe(24)
        self._responses[name] = Response(user, channel, time.monotonic() + self.response_seconds, **about)
        return name

    def use(self, name: str) -> Response:
        response = self._responses.get(name)
        if response is None or time.monotonic() >= response.until:
            raise Refused("expired_url", status=NOT_FOUND)
        if response.uses <= 0:
            raise Refused("used_url", status=NOT_FOUND)
        response.uses -= 1
        return response


def _keep_few(passes: dict[str, Any]) -> None:
    """The oldest go first, so that a long load test does not fill the memory."""
    if len(passes) >= REMEMBERED:
        del passes[next(iter(passes))]
