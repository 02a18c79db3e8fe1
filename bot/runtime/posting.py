"""One rendered message gets to its place in Slack once: posted, edited in place, or found from an earlier attempt."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.error_kinds import ErrorKind, SlackRefusal
from handlers.outbox import RenderedMessage
from rules.model.people import slack_user_id
from services.health import Health
from storage.outbox.outbox import is_person
from storage.schema.tickets import MessageReference, OutboxMessage

EVENT_TYPE = "baton_outbox"
SEARCH_PAGE = 200

Posted = tuple[str, str]  # channel and ts


class Poster:
    def __init__(self, client: AsyncWebClient, health: Health) -> None:
        self._client = client
        self._health = health
        self._dms: dict[str, str] = {}

    async def post_once(self, row: OutboxMessage, rendered: RenderedMessage, attempts: int) -> Posted:
        """After an attempt with unknown result the message is looked up by its metadata before it is sent again.

        A card that is found shows the state of that attempt, so it is edited.
        """
        if attempts > 1 and (place := await self._find_posted(row, rendered)) is not None:
            if row.fold is not None:
                await self._client.chat_update(channel=place[0], ts=place[1], **_content(rendered))
            return place
        answer = await self._client.chat_postMessage(
            channel=rendered.thread.channel if rendered.thread else slack_user_id(row.lane),
            text=rendered.message.text,
            blocks=rendered.message.blocks,
            thread_ts=rendered.thread.ts if rendered.thread else None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"id": str(row.id)}},
        )
        return str(answer["channel"]), str(answer["ts"])

    async def update(
        self, earlier: MessageReference, row: OutboxMessage, rendered: RenderedMessage, attempts: int
    ) -> Posted:
        """Posts it anew where the earlier message is gone; one that Slack will not change any more is deleted first, so
        that never two cards have buttons."""
        try:
            await self._client.chat_update(channel=earlier.channel, ts=earlier.ts, **_content(rendered))
        except SlackApiError as error:
            kind = SlackRefusal.from_error(error).kind
            if kind not in (ErrorKind.TARGET_GONE, ErrorKind.TARGET_LOCKED):
                raise
            if kind is ErrorKind.TARGET_LOCKED:
                await self._delete(earlier)
            return await self.post_once(row, rendered, attempts)
        return earlier.channel, earlier.ts

    async def _delete(self, earlier: MessageReference) -> None:
        try:
            await self._client.chat_delete(channel=earlier.channel, ts=earlier.ts)
        except SlackApiError as error:
            if SlackRefusal.from_error(error).kind is not ErrorKind.TARGET_GONE:
                raise

    async def _find_posted(self, row: OutboxMessage, rendered: RenderedMessage) -> Posted | None:
        """None as well where Baton lacks the scope to look: rather twice than never."""
        try:
            channel = rendered.thread.channel if rendered.thread else await self._channel_id(row.lane)
            async for message in self._messages_since(row, channel, rendered.thread.ts if rendered.thread else None):
                if (message.get("metadata") or {}).get("event_payload", {}).get("id") == str(row.id):
                    return channel, str(message["ts"])
        except SlackApiError as error:
            refusal = SlackRefusal.from_error(error)
            if refusal.kind is not ErrorKind.SCOPE:
                raise
            self._health.report_missing_scope(refusal.needed)
        return None

    async def _messages_since(
        self, row: OutboxMessage, channel: str, thread: str | None
    ) -> AsyncIterator[dict[str, Any]]:
        """Those in the thread, and those outside of it: when it was sent there may have been no thread yet."""
        oldest = str((row.queued_at - timedelta(minutes=1)).timestamp())
        query: dict[str, Any] = {"oldest": oldest, "include_all_metadata": True, "limit": SEARCH_PAGE}
        if thread:
            async for page in await self._client.conversations_replies(channel=channel, ts=thread, **query):
                for message in page["messages"]:
                    yield message
        async for page in await self._client.conversations_history(channel=channel, **query):
            for message in page["messages"]:
                yield message

    async def _channel_id(self, destination: str) -> str:
        if not is_person(destination):
            return destination
        if destination not in self._dms:
            answer = await self._client.conversations_open(users=slack_user_id(destination))
            self._dms[destination] = str(answer["channel"]["id"])
        return self._dms[destination]


def _content(rendered: RenderedMessage) -> dict[str, Any]:
    return {"text": rendered.message.text, "blocks": rendered.message.blocks}


def message_digest(rendered: RenderedMessage) -> str:
    content = json.dumps([rendered.message.text, rendered.message.blocks], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
