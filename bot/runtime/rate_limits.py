"""How fast each channel may be spoken to: about one message a second, in short bursts, and not at all after a 429."""

import asyncio
from collections import defaultdict
from datetime import datetime

BURST_MESSAGES = 3


class RateLimits:
    """One allowance per lane: it refills at one message each `pace` seconds, up to a small burst."""

    def __init__(self, seconds_per_message: float) -> None:
        self.seconds_per_message = seconds_per_message
        self._free_at: dict[str, float] = defaultdict(float)
        self._paused_until: dict[str, datetime] = {}

    async def wait_for_slot(self, lane: str) -> None:
        """Returns when the lane may speak."""
        pause = self.wait_seconds(lane)
        now = asyncio.get_running_loop().time()
        self._free_at[lane] = (
            max(self._free_at[lane], now - (BURST_MESSAGES - 1) * self.seconds_per_message) + self.seconds_per_message
        )
        if pause > 0:
            await asyncio.sleep(pause)

    def wait_seconds(self, lane: str) -> float:
        """How many seconds the lane's next message has to wait."""
        return max(0.0, self._free_at[lane] - asyncio.get_running_loop().time())

    def pause_until(self, lane: str, until: datetime) -> None:
        """Slack asked for silence until then: no other lane waits for it."""
        self._paused_until[lane] = until

    def is_paused(self, lane: str, now: datetime) -> bool:
        """Whether the lane must keep silent, even with rows that are due: they keep their order."""
        return now < self._paused_until.get(lane, now)
