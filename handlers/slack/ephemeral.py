"""Answers for one person: in place of the pressed message, below it, or in the channel."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from handlers.slack.blocks import Message, fit_message
from handlers.slack.payloads import Press
from handlers.text.slack import render
from rules.errors import Refused
from rules.model.people import slack_user_id
from rules.text import Text, _
from services.background import Notify

POST_TIMEOUT_SECONDS = 1.0  # seconds of Slack's three; the person's form stays open that long
ANSWER_TIMEOUT_SECONDS = 1.5  # for what the acknowledgement waits for; another second is left to say that it failed
SLACK_FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError, OSError)
TOO_LATE_ERRORS = frozenset(
    {"exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id", "trigger_exchanged", "trigger_expired"}
    | {"hash_conflict", "not_found"}
)
UNKNOWN_USER_ERRORS = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
ILL_ERRORS = frozenset({"fatal_error", "internal_error", "service_unavailable", "unreadable"})
BUSY_ERRORS = frozenset({"rate_limited", "ratelimited"})
HTTP_OK = 200

log = logging.getLogger("baton.handlers")

T = TypeVar("T")


def error_code(error: SlackApiError) -> str:
    """Slack's error code; `unreadable` when the answer did not come from Slack."""
    answer = getattr(error.response, "data", error.response)
    return str(answer.get("error") or "unreadable") if isinstance(answer, dict) else "unreadable"


def is_final(error: Exception) -> bool:
    """Whether Slack itself refuses the call, and would refuse it again."""
    return isinstance(error, SlackApiError) and error_code(error) not in ILL_ERRORS | BUSY_ERRORS


class SlackSilent(Refused):
    """Slack did not answer while it waits for our answer itself."""

    def __init__(self) -> None:
        super().__init__(_("Slack does not answer me just now. Please try again in a moment."))


class NotOpened(Refused):
    """Slack opens a form or a page once for each press or command, within three seconds, and changes what is open."""

    def __init__(self) -> None:
        why = _("it took too long, came twice, or was closed meanwhile")
        super().__init__(_("Slack does not open that any more: {why}. Please open it again.", why=why))


async def answer_in_time(call: Awaitable[T]) -> T:
    """What Slack answers to a call that the acknowledgement waits for, such as one that opens a form."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            return await call
    except SlackApiError as error:
        if error_code(error) in ILL_ERRORS:
            raise SlackSilent from error
        if error_code(error) in TOO_LATE_ERRORS:
            log.warning("Slack does not open what a person asked for: %s", error_code(error))
            raise NotOpened from error
        raise
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackSilent from error


async def answer_press(client: AsyncWebClient, press: Press, message: Message, *, replace: bool) -> None:
    """In place of the pressed message or below it; in the channel where Slack refuses that."""
    if await send_to_response_url(client, press.response_url, message, replace=replace) is not None:
        await post_in_channel(client, press.channel, press.user, message, press.thread_ts)


async def replace_pressed_message(client: AsyncWebClient, response_url: str, message: Message) -> bool:
    return await send_to_response_url(client, response_url, message, replace=True) is None


async def post_below(client: AsyncWebClient, response_url: str, message: Message) -> bool:
    """False when Slack refused it."""
    return await send_to_response_url(client, response_url, message, replace=False) is None


async def post_in_channel(
    client: AsyncWebClient, channel: str, user: str, message: Message, thread: str | None = None
) -> bool:
    """False when Baton may not post there, or Slack does not answer in time."""
    message = fit_message(message)
    try:
        async with asyncio.timeout(POST_TIMEOUT_SECONDS):
            await client.chat_postEphemeral(
                channel=channel, user=slack_user_id(user), text=message.text, blocks=message.blocks, thread_ts=thread
            )
    except SLACK_FAILURES:
        return False
    return True


def notify_later(client: AsyncWebClient, response_url: str, *, channel: str = "", user: str = "") -> Notify:
    """How the person reads that what they wait for was not done: below the message, or in the channel."""

    async def notify(text: Text | str) -> None:
        message = Message(render(text))
        if not await post_below(client, response_url, message) and channel:
            await post_in_channel(client, channel, user, message)

    return notify


async def send_to_response_url(
    client: AsyncWebClient, response_url: str, message: Message, *, replace: bool, seconds: float = POST_TIMEOUT_SECONDS
) -> str | None:
    """None when Slack took it, else the error. A response_url takes five messages at most."""
    hook = AsyncWebhookClient(response_url, session=client.session)
    try:
        async with asyncio.timeout(seconds):
            answer = await hook.send(text=message.text, blocks=message.blocks, replace_original=replace)
    except SLACK_FAILURES as failure:
        return f"no answer: {type(failure).__name__}"
    return None if answer.status_code == HTTP_OK else answer.body or str(answer.status_code)
