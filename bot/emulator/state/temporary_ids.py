"""What may be used once or for a while: trigger ids and response URLs."""

import secrets
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot.emulator.errors import SlackError

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 1800.0
RESPONSE_URL_USES = 5
MAX_KEPT = 50_000


@dataclass
class Trigger:
    user: str
    expires_at: float  # time.monotonic()
    view_id: str | None = None
    used: bool = False


@dataclass
class ResponseTarget:
    """The conversation a response URL posts to, and the message it may replace."""

    user: str
    channel: str
    expires_at: float
    message_ts: str | None = None
    is_ephemeral: bool = False
    thread_ts: str | None = None
    uses_left: int = RESPONSE_URL_USES


class TemporaryIds:
    def __init__(self) -> None:
        self.trigger_seconds = TRIGGER_SECONDS
        self.response_url_seconds = RESPONSE_URL_SECONDS
        self._triggers: dict[str, Trigger] = {}
        self._targets: dict[str, ResponseTarget] = {}

    def issue_trigger(self, user: str, view_id: str | None = None) -> str:
        _drop_oldest(self._triggers)
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, time.monotonic() + self.trigger_seconds, view_id)
        return trigger_id

    def redeem_trigger(self, trigger_id: str) -> Trigger:
        """Refuses a second use, and a use that comes too late."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() >= trigger.expires_at:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def issue_response_id(self, user: str, channel: str, **about: Any) -> str:
        _drop_oldest(self._targets)
        response_id = secrets.token_urlsafe(24)
        expires_at = time.monotonic() + self.response_url_seconds
        self._targets[response_id] = ResponseTarget(user, channel, expires_at, **about)
        return response_id

    def redeem_response_id(self, response_id: str) -> ResponseTarget:
        target = self._targets.get(response_id)
        if target is None or time.monotonic() >= target.expires_at:
            raise SlackError("expired_url", status=HTTPStatus.NOT_FOUND)
        if target.uses_left <= 0:
            raise SlackError("used_url", status=HTTPStatus.NOT_FOUND)
        target.uses_left -= 1
        return target


def _drop_oldest(issued: dict[str, Any]) -> None:
    """The oldest go first, so that a long load test does not fill the memory."""
    if len(issued) >= MAX_KEPT:
        del issued[next(iter(issued))]
