"""Faults on demand: the next call fails, a channel closes, an answer gets lost."""

from collections import defaultdict, deque
from http import HTTPStatus
from typing import TypedDict, Unpack

from bot.emulator.errors import SlackError
from bot.emulator.state.workspace import Workspace


class Fault(TypedDict, total=False):
    """ratelimited: seconds to wait. drop_before, drop_after: no answer, before or after the call takes effect."""

    error: str
    status: int
    ratelimited: int
    drop_before: bool
    drop_after: bool


def raise_error(fault: Fault) -> None:
    """Raises nothing for a fault that only drops the answer."""
    if "ratelimited" in fault:
        raise SlackError("ratelimited", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=fault["ratelimited"])
    if "error" in fault or "status" in fault:
        raise SlackError(fault.get("error", "service_unavailable"), status=fault.get("status", HTTPStatus.OK))


class Faults:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def fail_next(self, method: str, *, times: int = 1, **fault: Unpack[Fault]) -> None:
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
