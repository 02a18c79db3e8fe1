"""Sends the outbox to Slack: each destination in order, at Slack's pace, each row once."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.runtime.rate_limits import RateLimits
from handlers.charts import upload
from handlers.outbox import RenderedMessage
from handlers.registry import Registry
from services.desk import Desk
from services.notifications import undeliverable
from storage.outbox import deliveries, message_references
from storage.outbox.outbox import REQUESTER_REPLY, MessageKind
from storage.schema.tickets import MessageReference, OutboxMessage

log = logging.getLogger("baton.delivery")

EVENT_TYPE = "baton_outbox"
CHANNEL_ERRORS = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "missing_scope"})
PERSON_ERRORS = frozenset({"user_not_found", "users_not_found", "user_disabled", "account_inactive", "cannot_dm_bot"})
CONTENT_ERRORS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "no_text"})
PERMANENT_ERRORS = CHANNEL_ERRORS | PERSON_ERRORS | CONTENT_ERRORS | {"messages_tab_disabled"}
MESSAGE_GONE_ERRORS = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
TOO_MANY_REQUESTS = 429
MAX_SEND_ATTEMPTS = 40
MAX_RENDER_ATTEMPTS = 3
MAX_IDLE_SECONDS = 5.0
MAX_SENDING = 8
STOP_TIMEOUT_SECONDS = 10


Posted = tuple[str, str]  # channel and ts


class CardNotPosted(Exception):
    """The card in whose thread the message belongs is not posted yet."""


class Delivery:
    """Sends pending rows. Each is claimed, sent, then marked: a restart at any point loses and doubles nothing."""

    def __init__(self, desk: Desk, client: AsyncWebClient, registry: Registry, *, pace: float = 1.0) -> None:
        self.desk = desk
        self.client = client
        self.registry = registry
        self.rate_limits = RateLimits(pace)
        self._slots = asyncio.Semaphore(MAX_SENDING)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._due_again: set[str] = set()
        self._dms: dict[str, str] = {}
        self._ending = asyncio.Event()
        desk.wake_delivery = self._start_destinations

    async def run(self) -> None:
        """Runs until stopped. A commit wakes its destinations; retries and rows of other processes are polled for."""
        if self.desk.database.is_sqlite:
            await self.desk.execute(deliveries.release_claims)
        while not self._ending.is_set():
            await self._start_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), await self._seconds_until_next())

    async def wait_until_idle(self) -> None:
        await self._start_due()
        while self._sending:
            await asyncio.wait(self._sending.values())
            await self._start_due()

    async def stop(self) -> None:
        """Lets posts in flight finish, so that none has to be looked up later; the rest stays in the outbox."""
        self._ending.set()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_TIMEOUT_SECONDS)
            for task in late:
                task.cancel()

    async def _seconds_until_next(self) -> float:
        at = await self.desk.read(deliveries.next_due_at, at=self.desk.clock())
        if at is None:
            return MAX_IDLE_SECONDS
        return min(MAX_IDLE_SECONDS, max(0.05, (at - self.desk.clock()).total_seconds()))

    async def _start_due(self) -> None:
        self._start_destinations(await self.desk.read(deliveries.destinations_due, at=self.desk.clock()))

    def _start_destinations(self, destinations: Iterable[str]) -> None:
        for destination in () if self._ending.is_set() else destinations:
            if destination in self._sending:
                self._due_again.add(destination)
            elif not self.rate_limits.is_paused(destination, self.desk.clock()):
                task = asyncio.create_task(self._send_to_destination(destination), name=f"destination {destination}")
                self._sending[destination] = task
                task.add_done_callback(partial(self._on_destination_done, destination))

    def _on_destination_done(self, destination: str, task: asyncio.Task[None]) -> None:
        self._sending.pop(destination, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("A lane stopped", exc_info=error)
        elif destination in self._due_again:
            self._due_again.discard(destination)
            self._start_destinations([destination])

    async def _send_to_destination(self, destination: str) -> None:
        while rows := await self.desk.read(deliveries.due_messages_to, destination, at=self.desk.clock()):
            self._due_again.discard(destination)
            for row in rows:
                await self.rate_limits.wait_for_slot(destination)
                async with self._slots:
                    if self._ending.is_set() or not await self._send_row(row):
                        return

    async def _send_row(self, row: OutboxMessage) -> bool:
        """True when the destination's next row may be sent."""
        attempts = await self.desk.execute(deliveries.claim_message, row.id, destination=row.lane)
        if not attempts:  # another process has claimed it, or another row of the destination
            return False
        known = row.kind in self.registry.message_kinds
        return await (self._send_claimed(row, attempts) if known else self._give_up_unknown(row))

    async def _send_claimed(self, row: OutboxMessage, attempts: int) -> bool:
        try:
            post = await self._deliver(row, attempts)
        except CardNotPosted:
            await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=1, error="waits for its card")
            return True
        except SlackApiError as error:
            return await self._handle_slack_error(row, attempts, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return await self._retry_later(row, attempts, f"{type(error).__name__}: {error}")
        except Exception as error:  # a card that cannot be rendered must not block its destination
            log.exception("%s %s for %s cannot be drawn", row.kind, row.subject, row.lane)
            return await self._retry_render(row, attempts, f"{type(error).__name__}: {error}")
        await self.desk.execute(deliveries.mark_sent, row.id, reference=post)
        metrics.count_delivery(row.kind, "sent")
        return True

    async def _give_up_unknown(self, row: OutboxMessage) -> bool:
        """Another version of Baton queued it."""
        log.error("No renderer for the kind %s: %s for %s is given up", row.kind, row.subject, row.lane)
        await self.desk.execute(deliveries.mark_failed, row.id, error="unknown kind of message")
        metrics.count_delivery(row.kind, "failed")
        return True

    async def _deliver(self, row: OutboxMessage, attempts: int) -> MessageReference | None:
        rendered = await self.desk.read(self.registry.render_message, self.desk.policy, self.desk.clock(), row)
        if rendered is None:
            return None
        if rendered.waits_for_thread and rendered.thread is None and attempts < MAX_SEND_ATTEMPTS // 4:
            raise CardNotPosted
        find = message_references.find_card
        posted = await self.desk.read(find, kind=row.kind, subject=row.subject, destination=row.lane)
        digest = _message_digest(rendered)
        kind = self.registry.message_kinds[row.kind]
        if not kind.refreshed or posted is None:
            channel, ts = await self._post_once(row, rendered, attempts)
            if rendered.chart is not None:
                upload.post_chart_in_thread(self.desk, self.client, channel, ts, rendered.chart)
        elif posted.digest == digest:
            return None
        else:
            channel, ts = await self._update_message(posted, row, rendered)
        return _message_reference(row, kind, rendered, channel=channel, ts=ts, digest=digest)

    async def _update_message(self, posted: MessageReference, row: OutboxMessage, rendered: RenderedMessage) -> Posted:
        content: dict[str, Any] = {"text": rendered.message.text, "blocks": rendered.message.blocks}
        try:
            await self.client.chat_update(channel=posted.channel, ts=posted.ts, **content)
        except SlackApiError as error:
            if error.response.get("error") not in MESSAGE_GONE_ERRORS:
                raise
            return await self._post_message(row, rendered)
        return posted.channel, posted.ts

    async def _post_once(self, row: OutboxMessage, rendered: RenderedMessage, attempts: int) -> Posted:
        """After an attempt with unknown result the message is looked up by its metadata before it is sent again."""
        if attempts > 1 and (place := await self._find_posted(row, rendered)) is not None:
            return place
        return await self._post_message(row, rendered)

    async def _post_message(self, row: OutboxMessage, rendered: RenderedMessage) -> Posted:
        answer = await self.client.chat_postMessage(
            channel=rendered.thread.channel if rendered.thread else row.lane,
            text=rendered.message.text,
            blocks=rendered.message.blocks,
            thread_ts=rendered.thread.ts if rendered.thread else None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"id": str(row.id)}},
        )
        return str(answer["channel"]), str(answer["ts"])

    async def _find_posted(self, row: OutboxMessage, rendered: RenderedMessage) -> Posted | None:
        channel = rendered.thread.channel if rendered.thread else await self._channel_id(row.lane)
        oldest = str((row.queued_at - timedelta(minutes=1)).timestamp())
        query: dict[str, Any] = {"channel": channel, "oldest": oldest, "include_all_metadata": True, "limit": 200}
        if rendered.thread:
            answer = await self.client.conversations_replies(ts=rendered.thread.ts, **query)
        else:
            answer = await self.client.conversations_history(**query)
        for message in answer["messages"]:
            if (message.get("metadata") or {}).get("event_payload", {}).get("id") == str(row.id):
                return channel, str(message["ts"])
        return None

    async def _channel_id(self, destination: str) -> str:
        if not destination.startswith(("U", "W")):
            return destination
        if destination not in self._dms:
            answer = await self.client.conversations_open(users=destination)
            self._dms[destination] = str(answer["channel"]["id"])
        return self._dms[destination]

    async def _handle_slack_error(self, row: OutboxMessage, attempts: int, error: SlackApiError) -> bool:
        name = str(error.response.get("error", "unknown"))
        if error.response.status_code == TOO_MANY_REQUESTS or name == "ratelimited":
            wait = float(error.response.headers.get("Retry-After", 1))
            self.rate_limits.pause_until(row.lane, self.desk.clock() + timedelta(seconds=wait))
            await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=wait, error="ratelimited")
            metrics.count_delivery(row.kind, "ratelimited")
            return False
        if name not in PERMANENT_ERRORS:
            return await self._retry_later(row, attempts, name)
        log.warning("Slack will not take %s for %s: %s", row.kind, row.lane, name)
        await self._give_up(row, name)
        metrics.count_delivery(row.kind, "failed")
        return True

    async def _give_up(self, row: OutboxMessage, error: str) -> None:
        kind = self.registry.message_kinds[row.kind]
        await self.desk.execute(undeliverable.give_up_message, row, kind, error=error)

    async def _retry_render(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_RENDER_ATTEMPTS:
            await self._give_up(row, error)
        else:
            await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=5, error=error)
        return True

    async def _retry_later(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_SEND_ATTEMPTS:
            await self._give_up(row, error)
            return True
        delay = min(300.0, 0.5 * 2 ** min(attempts, 10))
        await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=delay, error=error)
        metrics.count_delivery(row.kind, "retried")
        return False


def _message_digest(rendered: RenderedMessage) -> str:
    content = json.dumps([rendered.message.text, rendered.message.blocks], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _message_reference(
    row: OutboxMessage, kind: MessageKind, rendered: RenderedMessage, *, channel: str, ts: str, digest: str
) -> MessageReference | None:
    """What is stored of the message: of cards, and of the first message to a requester, whose thread it starts."""
    if not (kind.refreshed or rendered.is_requester_thread):
        return None
    return MessageReference(
        kind=row.kind if kind.refreshed else REQUESTER_REPLY,
        subject=row.subject if kind.refreshed else str(row.number),
        lane=row.lane,
        channel=channel,
        ts=ts,
        number=row.number,
        digest=digest,
    )
