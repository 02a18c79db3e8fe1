"""Where a form was opened and from which message: kept in the form itself until it is sent."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.payloads import OldCard, SlackMessage

METADATA_LIMIT = 2900  # Slack keeps 3,000 characters beside a form
FILE_NAME_LIMIT = 80
LOOKUP_TIMEOUT_SECONDS = 1.0  # of Slack's three seconds; the deed comes after


@dataclass(frozen=True, slots=True)
class Origin:
    """The place, and the message when there is one: `thread` is the thread under which its requester is answered."""

    channel: str = ""
    ts: str = ""
    thread: str = ""
    author: str = ""
    files: tuple[Mapping[str, str], ...] = ()

    @classmethod
    def from_message(cls, message: SlackMessage) -> "Origin":
        """What a bot wrote was asked by nobody: then the author is empty."""
        author = "" if message.from_bot else message.author
        return cls(message.channel, message.ts, message.thread_ts or message.ts, author, message.files)

    @classmethod
    def from_metadata(cls, metadata: str) -> "Origin":
        """OldCard when the form does not say where it comes from."""
        try:
            kept = json.loads(metadata or "{}")
        except ValueError:
            raise OldCard from None
        if not isinstance(kept, dict):
            raise OldCard
        files = tuple({"id": id_, "name": name, "url": url} for id_, name, url in kept.get("files", []))
        place = {name: str(kept.get(name, "")) for name in ("channel", "ts", "thread", "author")}
        return cls(**place, files=files)

    @property
    def source(self) -> str | None:
        """The key under which the same message gives the same ticket."""
        return f"{self.channel}:{self.ts}" if self.ts else None

    def to_metadata(self) -> str:
        """As text for the form; files that no longer fit are left to the link to the message."""
        plain = {"channel": self.channel, "ts": self.ts, "thread": self.thread, "author": self.author}
        kept: dict[str, object] = {name: value for name, value in plain.items() if value}
        files = [[one["id"], one["name"][:FILE_NAME_LIMIT], one["url"]] for one in self.files]
        while files and len(json.dumps(kept | {"files": files})) > METADATA_LIMIT:
            files.pop()
        return json.dumps(kept | {"files": files} if files else kept)


@dataclass(frozen=True, slots=True)
class MessageLookup:
    """What Slack says of a message: the link to it, and whether we are there to answer under it."""

    permalink: str | None = None
    is_member: bool = False


async def look_up_message(client: AsyncWebClient, origin: Origin) -> MessageLookup:
    """Asks Slack; where it does not answer in time, the requester is answered by direct message."""
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
