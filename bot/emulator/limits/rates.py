"""How fast an app may post: about one message a second and channel, with a small burst."""

import math
import time
from dataclasses import dataclass

from bot.emulator.errors import Refused

BURST = 3.0
PER_SECOND = 1.0
TOO_MANY = 429


@dataclass
class Bucket:
    left: float
    at: float


class Rates:
    def __init__(self, on: bool) -> None:
        self.on = on
        self._buckets: dict[str, Bucket] = {}

    def spend(self, channel: str) -> None:
        """Refuses with the seconds to wait once the channel's burst is used up."""
        if not self.on:
            return
        now = time.monotonic()
        bucket = self._buckets.setdefault(channel, Bucket(BURST, now))
        bucket.left = min(BURST, bucket.left + (now - bucket.at) * PER_SECOND)
        bucket.at = now
        if bucket.left < 1:
            wait = math.ceil((1 - bucket.left) / PER_SECOND)
            raise Refused("ratelimited", status=TOO_MANY, retry_after=wait)
        bucket.left -= 1
