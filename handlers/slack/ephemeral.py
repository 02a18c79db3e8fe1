"""Answers for one person: in place of the pressed message, below it, or in the channel."""

import asyncio
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
ILL_ERRORS = frozenset({"fatal_error", "internal_error", "service_unavailable", "unreadable"})
HTTP_OK = 200

T = TypeVar("T")


def error_code(error: SlackApiError) -> str:
    """Slack's error code; `unreadable` when the answer did not come from Slack."""
    answer = getattr(error.response, "data", error.response)
    return str(answer.get("error") or "unreadable") if isinstance(answer, dict) else "unreadable"


class SlackSilent(Refused):
    """Slack did not answer while it waits for our answer itself."""

    def __init__(self) -> None:
        super().__init__(_("Slack does not answer me just now. Please try again in a moment."))


async def answer_in_time(call: Awaitable[T]) -> T:
    """What Slack answers to a call that the acknowledgement waits for, such as one that opens a form."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            return await call
    except SlackApiError as error:
        if error_code(error) in ILL_ERRORS:
            raise SlackSilent from error
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
