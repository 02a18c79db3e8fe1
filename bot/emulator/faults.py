"""Faults on demand: the next call fails, a channel closes, an answer gets lost."""

from collections import defaultdict, deque
from dataclasses import dataclass
from http import HTTPStatus

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import Workspace


@dataclass(frozen=True)
class Fault:
    error: str | None = None
    status: int | None = None
    ratelimited: int | None = None
    drop_before: bool = False
    drop_after: bool = False

    def raise_error(self) -> None:
        """Raises nothing for a fault that only drops the answer."""
        if self.ratelimited is not None:
            raise SlackError("ratelimited", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=self.ratelimited)
        if self.error is not None:
            raise SlackError(self.error, status=self.status or HTTPStatus.OK)
        if self.status is not None:
            raise SlackError("service_unavailable", status=self.status)


class Faults:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def fail_next(
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
        """ratelimited: seconds to wait. drop_before, drop_after: no answer, before or after the call takes effect."""
        fault = Fault(error, status, ratelimited, drop_before, drop_after)
        self._faults[method].extend([fault] * times)

    def refuse_posts(self, channel: str, error: str) -> None:
        self._workspace.post_errors[channel] = error

    def allow_posts(self, channel: str) -> None:
        self._workspace.post_errors.pop(channel, None)

    def delay_files(self, times: int) -> None:
        """Every file completed from now on is refused this often in a block before it may be shown."""
        self._workspace.file_checks = times

    def clear(self) -> None:
        self._faults.clear()
        self._workspace.post_errors.clear()
        self._workspace.file_checks = 0

    def take_fault(self, method: str) -> Fault | None:
        faults = self._faults[method]
        return faults.popleft() if faults else None
