"""How fast each channel may be spoken to: about one message a second, in short bursts, and not at all after a 429."""

import asyncio
from collections import defaultdict
from datetime import datetime

BURST = 3


class Lanes:
    """One allowance per lane: it refills at one message each `pace` seconds, up to a small burst."""

    def __init__(self, pace: float) -> None:
        self.pace = pace
        self._free_at: dict[str, float] = defaultdict(float)
        self._silent_until: dict[str, datetime] = {}

    async def turn(self, lane: str) -> None:
        """Returns when the lane may speak."""
        pause = self.wait(lane)
        now = asyncio.get_running_loop().time()
        self._free_at[lane] = max(self._free_at[lane], now - (BURST - 1) * self.pace) + self.pace
        if pause > 0:
            await asyncio.sleep(pause)

    def wait(self, lane: str) -> float:
        """How many seconds the lane's next message has to wait."""
        return max(0.0, self._free_at[lane] - asyncio.get_running_loop().time())

    def hold(self, lane: str, until: datetime) -> None:
        """Slack asked for silence until then: no other lane waits for it."""
        self._silent_until[lane] = until

    def silent(self, lane: str, now: datetime) -> bool:
        """Whether the lane must keep silent, even with rows that are due: they keep their order."""
        return now < self._silent_until.get(lane, now)
