"""How fast an app may post: about one message a second and channel, with a small burst."""

import math
import time
from dataclasses import dataclass
from http import HTTPStatus

from bot.emulator.errors import SlackError

BURST_POSTS = 3.0
POSTS_PER_SECOND = 1.0


@dataclass
class Bucket:
    posts_left: float
    updated_at: float  # time.monotonic()


class RateLimits:
    def __init__(self) -> None:
        self.enabled = False
        self._buckets: dict[str, Bucket] = {}

    def count_post(self, channel: str) -> None:
        """Raises ratelimited, with the seconds to wait, when the channel's burst is used up."""
        if not self.enabled:
            return
        now = time.monotonic()
        bucket = self._buckets.setdefault(channel, Bucket(BURST_POSTS, now))
        bucket.posts_left = min(BURST_POSTS, bucket.posts_left + (now - bucket.updated_at) * POSTS_PER_SECOND)
        bucket.updated_at = now
        if bucket.posts_left < 1:
            wait = math.ceil((1 - bucket.posts_left) / POSTS_PER_SECOND)
            raise SlackError("ratelimited", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=wait)
        bucket.posts_left -= 1
