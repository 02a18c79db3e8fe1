"""Whether Slack takes anything from this app at all, and which scopes it lacks; while it is refused, messages wait."""

import logging
import math
import time
from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.error_kinds import ErrorKind, SlackRefusal
from rules.text import Code, Text, _
from services.health import CHECK, Health

log = logging.getLogger("baton.delivery")

SOURCE = "slack"
CHECK_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0)
NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError)


class SlackAccess:
    """Refused by the first message that Slack refuses because of our token or account, or at the start by a Slack that
    does not say who we are; auth.test says when it is over.

    A scope that only some calls need is reported to health by the caller that misses it, and is asked for here.
    """

    def __init__(self, client: AsyncWebClient, health: Health, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._health = health
        self._monotonic = monotonic
        self._refusal: SlackRefusal | None = None
        self._checks = 0
        self._check_at = -math.inf

    @property
    def is_refused(self) -> bool:
        return self._refusal is not None

    def seconds_until_check(self) -> float | None:
        """None while there is nothing to check."""
        return self._check_at - self._monotonic() if self.is_refused or self._health.missing_scopes else None

    async def is_about_us(self) -> bool:
        """account_inactive is Slack's name for our account and for a person who left: auth.test tells them apart."""
        if self.is_refused:
            return True
        try:
            await self._client.auth_test()
        except (SlackApiError, *NO_ANSWER):
            return True
        return False

    def refuse(self, refusal: SlackRefusal) -> None:
        if self._refusal is None:
            self._postpone_check()
        if self._refusal is None or self._refusal.name != refusal.name:
            log.error("Slack does not take this app (%s): every message waits until that is over", refusal.name)
        self._refusal = refusal
        self._health.report(SOURCE, _refusal_text(refusal))

    def confirm(self) -> None:
        """A message went out."""
        if not self._health.missing_scopes:
            self._checks = 0

    async def check(self) -> None:
        """Asks Slack, where something was refused and it is time to ask again."""
        wait = self.seconds_until_check()
        if wait is None or wait > 0:
            return
        self._postpone_check()
        try:
            answer = await self._client.auth_test()
        except SlackApiError as error:
            if (refusal := SlackRefusal.from_error(error)).kind is ErrorKind.OURS:
                self.refuse(refusal)
        except NO_ANSWER as error:
            log.info("Slack does not answer auth.test: %s", type(error).__name__)
        else:
            self._accept(answer.headers.get("x-oauth-scopes"))

    def _accept(self, granted: str | None) -> None:
        """`granted` are the scopes, separated by commas; None where Slack does not say."""
        scopes = None if granted is None else {scope.strip() for scope in granted.split(",")}
        for scope in self._health.missing_scopes:
            if scopes is None or scope in scopes:
                self._health.clear_missing_scope(scope)
        if self._refusal is not None and (scopes is None or self._refusal.needed in {"", *scopes}):
            self._refusal = None
            self._health.clear(SOURCE)
            log.warning("Slack accepts this app again: what waited is sent")

    def _postpone_check(self) -> None:
        self._check_at = self._monotonic() + CHECK_SECONDS[min(self._checks, len(CHECK_SECONDS) - 1)]
        self._checks += 1


def _refusal_text(refusal: SlackRefusal) -> Text:
    if refusal.kind in (ErrorKind.TRANSIENT, ErrorKind.RATE_LIMITED):
        return _("Slack does not answer Baton ({error}). Every message waits until it does.", error=Code(refusal.name))
    cause = _("the scope {scope} is missing", scope=Code(refusal.needed)) if refusal.needed else Code(refusal.name)
    return _("Slack refuses Baton: {cause}. Every message waits. {check} says more.", cause=cause, check=CHECK)
