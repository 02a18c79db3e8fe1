"""Faults on demand: the next call fails, a channel closes, an answer gets lost."""

from collections import defaultdict, deque
from dataclasses import dataclass

from bot.emulator.errors import Refused
from bot.emulator.state.workspace import Workspace

OK = 200
TOO_MANY = 429


@dataclass(frozen=True)
class Fault:
    error: str | None = None
    status: int | None = None
    ratelimited: int | None = None
    drop_before: bool = False
    drop_after: bool = False

    def raise_if_refusing(self) -> None:
        if self.ratelimited is not None:
            raise Refused("ratelimited", status=TOO_MANY, retry_after=self.ratelimited)
        if self.error is not None:
            raise Refused(self.error, status=self.status or OK)
        if self.status is not None:
            raise Refused("service_unavailable", status=self.status)


class Faults:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._next: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def next(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        ratelimited: int | None = None,
        drop_before: bool = False,
        drop_after: bool = False,
        times: int = 1,
    ) -> None:
        """The next calls of this method fail so; drop_after does the work and then closes without an answer."""
        fault = Fault(error, status, ratelimited, drop_before, drop_after)
        self._next[method].extend([fault] * times)

    def refuse(self, channel: str, error: str) -> None:
        """Every post to this channel is refused with this error until allow()."""
        self._workspace.closed_to_app[channel] = error

    def slow_files(self, times: int) -> None:
        """Every file completed from now on is refused this often in a block before it may be shown."""
        self._workspace.slow_files = times

    def allow(self, channel: str) -> None:
        self._workspace.closed_to_app.pop(channel, None)

    def clear(self) -> None:
        self._next.clear()
        self._workspace.closed_to_app.clear()
        self._workspace.slow_files = 0

    def take(self, method: str) -> Fault | None:
        waiting = self._next[method]
        return waiting.popleft() if waiting else None
