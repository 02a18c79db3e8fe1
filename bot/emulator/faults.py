"""Faults on demand: the next call fails, the app is refused, a channel closes or is silent, an answer gets lost."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypedDict, Unpack

from bot.emulator.errors import InjectedError, SlackError
from bot.emulator.state.workspace import Workspace


class Fault(TypedDict, total=False):
    """ratelimited: seconds to wait, or any other value of the header; None leaves the header out. drop_before,
    drop_after: no answer, before or after the call takes effect. page: what a proxy answers instead of Slack."""

    error: str
    status: int
    ratelimited: float | str | None
    drop_before: bool
    drop_after: bool
    page: str


def raise_error(fault: Fault) -> None:
    """Raises nothing for a fault that only drops the answer."""
    if "ratelimited" in fault:
        raise SlackError("ratelimited", status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=fault["ratelimited"])
    if "error" in fault or "status" in fault:
        raise SlackError(fault.get("error", "service_unavailable"), status=fault.get("status", HTTPStatus.OK))


class Faults:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._scopes = workspace.app.scopes
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._refusal = ""
        self._silent: set[str] = set()
        self.silence_ended = asyncio.Event()

    def fail_next(self, method: str, *, times: int = 1, **fault: Unpack[Fault]) -> None:
        self._faults[method].extend([fault] * times)

    def refuse_app(self, error: str) -> None:
        """Every call with the bot's token is refused, as when the token is revoked."""
        self._refusal = error

    def accept_app(self) -> None:
        self._refusal = ""

    def revoke_scope(self, scope: str) -> None:
        app = self._workspace.app
        self._workspace.app = replace(app, scopes=(app.scopes or frozenset()) - {scope})

    def grant_scopes(self) -> None:
        """All that the app had at first."""
        self._workspace.app = replace(self._workspace.app, scopes=self._scopes)

    def fall_silent(self, *names: str) -> None:
        """No answer to calls of these methods, or about these channels and people, until `answer_again`."""
        self._silent.update(names)
        self.silence_ended = asyncio.Event()

    def answer_again(self) -> None:
        self._silent.clear()
        self.silence_ended.set()

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
        self.accept_app()
        self.grant_scopes()
        self.answer_again()

    def take_fault(self, method: str) -> Fault | None:
        faults = self._faults[method]
        return faults.popleft() if faults else None

    def raise_refusal(self) -> None:
        if self._refusal:
            raise InjectedError(self._refusal)

    def is_silent(self, method: str, values: Mapping[str, Any]) -> bool:
        return not self._silent.isdisjoint({method, values.get("channel"), values.get("users"), values.get("user_id")})
