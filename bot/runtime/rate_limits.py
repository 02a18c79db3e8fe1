"""Slack's rate limits: about one message a second per destination, in short bursts, and none after a 429."""

import asyncio
import math
from collections import defaultdict
from datetime import datetime

BURST_MESSAGES = 3


class RateLimits:
    """One allowance per destination: a message every `seconds_per_message`, and short bursts."""

    def __init__(self, seconds_per_message: float) -> None:
        self.seconds_per_message = seconds_per_message
        self._free_at: dict[str, float] = defaultdict(lambda: -math.inf)
        self._paused_until: dict[str, datetime] = {}

    async def wait_for_slot(self, destination: str) -> None:
        pause = self.wait_seconds(destination)
        now = asyncio.get_running_loop().time()
        free_at = max(self._free_at[destination], now - (BURST_MESSAGES - 1) * self.seconds_per_message)
        self._free_at[destination] = free_at + self.seconds_per_message
        if pause > 0:
            await asyncio.sleep(pause)

    def wait_seconds(self, destination: str) -> float:
        return max(0.0, self._free_at[destination] - asyncio.get_running_loop().time())

    def pause_until(self, destination: str, until: datetime) -> None:
        """After a 429; other destinations are not affected."""
        self._paused_until[destination] = until

    def is_paused(self, destination: str, now: datetime) -> bool:
        """Its rows wait even if they are due, so that they keep their order."""
        return now < self._paused_until.get(destination, now)
