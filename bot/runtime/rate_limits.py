"""Slack's rate limits: about one message a second per destination, in short bursts, and none after a 429."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

BURST_MESSAGES = 3
DEFAULT_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 600.0


class RateLimits:
    """One allowance per destination: a message every `seconds_per_message`, and short bursts.

    It counts in monotonic seconds, so that a clock that is set back holds up nobody.
    """

    def __init__(self, seconds_per_message: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.seconds_per_message = seconds_per_message
        self._monotonic = monotonic
        self._free_at: dict[str, float] = defaultdict(lambda: -math.inf)
        self._paused_until: dict[str, float] = {}

    async def wait_for_slot(self, destination: str) -> None:
        pause = self.wait_seconds(destination)
        now = self._monotonic()
        free_at = max(self._free_at[destination], now - (BURST_MESSAGES - 1) * self.seconds_per_message)
        self._free_at[destination] = free_at + self.seconds_per_message
        if pause > 0:
            await asyncio.sleep(pause)

    def wait_seconds(self, destination: str) -> float:
        return max(0.0, self._free_at[destination] - self._monotonic())

    def pause(self, destination: str, seconds: float) -> None:
        """After a 429, or while a message is tried again; other destinations are not affected."""
        self._paused_until[destination] = self._monotonic() + seconds

    def is_paused(self, destination: str) -> bool:
        """Its rows wait even if they are due, so that they keep their order."""
        return self._monotonic() < self._paused_until.get(destination, -math.inf)

    def seconds_until_free(self) -> float | None:
        """Until the first pause ends; None while no destination is paused."""
        now = self._monotonic()
        self._paused_until = {name: until for name, until in self._paused_until.items() if until > now}
        return min(self._paused_until.values()) - now if self._paused_until else None


def retry_after_seconds(value: str | None, now: datetime) -> float:
    """The header Retry-After, in seconds or as a date; one second where it says nothing usable, ten minutes at most."""
    seconds = _seconds_of(value or "", now)
    if not math.isfinite(seconds) or seconds <= 0:
        return DEFAULT_PAUSE_SECONDS
    return min(seconds, MAX_PAUSE_SECONDS)


def _seconds_of(value: str, now: datetime) -> float:
    try:
        return float(value)
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return math.nan
    return (until if until.tzinfo else until.replace(tzinfo=now.tzinfo)).timestamp() - now.timestamp()
