"""How fast each channel may be spoken to: about one message a second, in short bursts, and not at all after a 429."""

import asyncio
from collections import defaultdict

BURST = 3


class Lanes:
    """One allowance per lane: it refills at one message each `pace` seconds, up to a small burst."""

    def __init__(self, pace: float) -> None:
        self.pace = pace
        self._free_at: dict[str, float] = defaultdict(float)

    async def turn(self, lane: str) -> None:
        """Returns when the lane may speak."""
        now = asyncio.get_running_loop().time()
        earliest = now - (BURST - 1) * self.pace
        free_at = max(self._free_at[lane], earliest)
        self._free_at[lane] = free_at + self.pace
        if free_at > now:
            await asyncio.sleep(free_at - now)

    def hold(self, lane: str, seconds: float) -> None:
        """Slack asked for silence: no other lane waits for it."""
        now = asyncio.get_running_loop().time()
        self._free_at[lane] = max(self._free_at[lane], now + seconds)
