"""Answers to commands that only read, and read much: Slack is answered in time, whatever the answer takes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack import ephemeral
from handlers.slack.blocks import Message, section
from handlers.slack.payloads import TypedCommand
from services.background import BackgroundTasks

ACKNOWLEDGE_AFTER_SECONDS = 0.5
F = TypeVar("F", bound=Callable[..., object])
_TAKE_LONG = set[Callable[..., object]]()


def may_take_long(listener: F) -> F:
    """Marks the listener of a command that only reads: where it takes long, Slack is acknowledged first."""
    _TAKE_LONG.add(listener)
    return listener


def takes_long(listener: Callable[..., object]) -> bool:
    return listener in _TAKE_LONG


class AckOrBelow(AsyncAck):
    """Acknowledges with the answer; once it is `late`, Slack has been answered and the person reads it below."""

    def __init__(self, ack: AsyncAck, client: AsyncWebClient, command: TypedCommand) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.late = False
        self._ack = ack
        self._client = client
        self._command = command

    async def __call__(self, text: str = "", blocks: Any = None, **fields: Any) -> BoltResponse:  # type: ignore[override]  # noqa: ANN401
        if not self.late:
            return await self._ack(text=text, blocks=blocks, **fields)
        message, command = Message(text, blocks or [section(text)]), self._command
        if text and not await ephemeral.post_below(self._client, command.response_url, message):
            await ephemeral.post_in_channel(self._client, command.channel, command.user, message)
        return BoltResponse(status=200)


async def answer_now_or_below(
    answer: Callable[[AsyncAck], Awaitable[None]],
    ack: AsyncAck,
    client: AsyncWebClient,
    command: TypedCommand,
    background_tasks: BackgroundTasks,
) -> None:
    """What takes longer than ACKNOWLEDGE_AFTER_SECONDS goes on after Slack was answered."""
    answering_ack = AckOrBelow(ack, client, command)
    answering = asyncio.ensure_future(answer(answering_ack))
    done, _ = await asyncio.wait({answering}, timeout=ACKNOWLEDGE_AFTER_SECONDS)
    if done:
        await answering
        return
    answering_ack.late = True
    await ack()
    background_tasks.start(_finish(answering), notify=ephemeral.notify_later(client, command.response_url))


async def _finish(answering: Awaitable[None]) -> None:
    await answering
