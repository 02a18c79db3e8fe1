"""Where a form was opened and from which message, kept in the form until it is sent."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import aiohttp
from pydantic import BaseModel, StringConstraints, ValidationError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.messages.messages import SlackMessage
from handlers.slack.payloads import OldCard

METADATA_LIMIT = 2900  # Slack keeps 3,000 characters beside a form
FILE_NAME_LIMIT = 80
LOOKUP_TIMEOUT_SECONDS = 1.0  # seconds of Slack's three; the operation follows


_ShortText = Annotated[str, StringConstraints(max_length=100)]


class _Metadata(BaseModel):
    """An origin as the form keeps it."""

    channel: _ShortText = ""
    ts: _ShortText = ""
    thread: _ShortText = ""
    author: _ShortText = ""
    files: tuple[tuple[str, str, str], ...] = ()
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """The channel, and the message if there is one; `thread` is where the requester gets answers. `anyway`: the
    person was asked whether it is the same as an earlier request."""

    channel: str = ""
    ts: str = ""
    thread: str = ""
    author: str = ""
    files: tuple[Mapping[str, str], ...] = ()
    anyway: bool = False

    @classmethod
    def from_message(cls, message: SlackMessage) -> "Origin":
        return cls(message.channel, message.ts, message.thread_ts or message.ts, message.author, message.files)

    @classmethod
    def from_metadata(cls, metadata: str) -> "Origin":
        """OldCard when the text is not an origin."""
        try:
            stored = _Metadata.model_validate_json(metadata or "{}")
        except ValidationError:
            raise OldCard from None
        files = tuple({"id": id_, "name": name, "url": url} for id_, name, url in stored.files)
        return cls(stored.channel, stored.ts, stored.thread, stored.author, files, stored.anyway)

    @property
    def source(self) -> str | None:
        """The same message has the same source, so it is filed once only."""
        return f"{self.channel}:{self.ts}" if self.ts else None

    def to_metadata(self) -> str:
        """JSON within METADATA_LIMIT; files that do not fit are dropped, the link to the message remains."""
        plain = {"channel": self.channel, "ts": self.ts, "thread": self.thread, "author": self.author}
        values: dict[str, object] = {name: value for name, value in plain.items() if value}
        values |= {"anyway": True} if self.anyway else {}
        files = [[one["id"], one["name"][:FILE_NAME_LIMIT], one["url"]] for one in self.files]
        while files and len(json.dumps(values | {"files": files})) > METADATA_LIMIT:
            files.pop()
        return json.dumps(values | {"files": files} if files else values)


@dataclass(frozen=True, slots=True)
class MessageLookup:
    permalink: str | None = None
    is_member: bool = False


async def look_up_message(client: AsyncWebClient, origin: Origin) -> MessageLookup:
    """Empty without a message, or when Slack does not answer in time: the answer is then a direct message."""
    if not origin.ts:
        return MessageLookup()
    try:
        async with asyncio.timeout(LOOKUP_TIMEOUT_SECONDS):
            link, ours = await asyncio.gather(_fetch_permalink(client, origin), _is_member(client, origin))
    except (aiohttp.ClientError, TimeoutError, OSError):
        return MessageLookup()
    return MessageLookup(link, ours)


async def _fetch_permalink(client: AsyncWebClient, origin: Origin) -> str | None:
    try:
        answer = await client.chat_getPermalink(channel=origin.channel, message_ts=origin.ts)
    except SlackApiError:
        return None
    return str(answer["permalink"])


async def _is_member(client: AsyncWebClient, origin: Origin) -> bool:
    try:
        answer = await client.conversations_info(channel=origin.channel)
    except SlackApiError:
        return False
    return bool(answer["channel"].get("is_member", True))
