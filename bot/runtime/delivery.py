"""The outbox reaches Slack: each lane in its order, at Slack's pace, each row said once."""

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
from handlers.outbox.messages import RenderedMessage
from handlers.outbox.render import render_message
from services.desk import Desk
from services.notifications import undeliverable as deeds
from storage.outbox import deliveries, message_references
from storage.outbox.outbox import REFRESHED_KINDS, MessageKind
from storage.schema.tickets import MessageReference, OutboxMessage

log = logging.getLogger("baton.delivery")

EVENT_TYPE = "baton_outbox"
PERMANENT_ERRORS = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "account_inactive",
        "cannot_dm_bot",
        "restricted_action",
        "missing_scope",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_too_long",
        "no_text",
        "messages_tab_disabled",
    }
)
MESSAGE_GONE_ERRORS = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
TOO_MANY_REQUESTS = 429
MAX_SEND_ATTEMPTS = 40
MAX_RENDER_ATTEMPTS = 3
MAX_IDLE_SECONDS = 5.0
STOP_TIMEOUT_SECONDS = 10


class CardNotPosted(Exception):
    """Not now: the card it belongs under is not posted yet."""


class Delivery:
    """Sends what waits. Right however often it runs and wherever it stops: a row is claimed, sent, then marked."""

    def __init__(self, desk: Desk, client: AsyncWebClient, *, pace: float = 1.0, at_once: int = 8) -> None:
        self.desk = desk
        self.client = client
        self.rate_limits = RateLimits(pace)
        self._slots = asyncio.Semaphore(at_once)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._due_again: set[str] = set()
        self._dms: dict[str, str] = {}
        self._ending = asyncio.Event()
        desk.wake_delivery = self._start_destinations

    async def run(self) -> None:
        """Until stopped. A commit wakes the lanes it spoke to; retries and other processes' rows are looked for."""
        if self.desk.database.is_sqlite:
            await self.desk.execute(deliveries.release_claims)
        while not self._ending.is_set():
            await self._start_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), await self._seconds_until_next())

    async def wait_until_idle(self) -> None:
        """Returns when nothing that could be sent now is left: for orderly shutdown and for tests."""
        await self._start_due()
        while self._sending:
            await asyncio.wait(self._sending.values())
            await self._start_due()

    async def stop(self) -> None:
        """Lets posts in flight finish, so that a clean stop leaves nothing to look up; the rest waits in the outbox."""
        self._ending.set()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_TIMEOUT_SECONDS)
            for task in late:
                task.cancel()

    async def _seconds_until_next(self) -> float:
        at = await self.desk.read(deliveries.next_due_at, at=self.desk.clock())
        return (
            MAX_IDLE_SECONDS
            if at is None
            else min(MAX_IDLE_SECONDS, max(0.05, (at - self.desk.clock()).total_seconds()))
        )

    async def _start_due(self) -> None:
        self._start_destinations(await self.desk.read(deliveries.destinations_due, at=self.desk.clock()))

    def _start_destinations(self, lanes: Iterable[str]) -> None:
        for lane in () if self._ending.is_set() else lanes:
            if lane in self._sending:
                self._due_again.add(lane)
            elif not self.rate_limits.is_paused(lane, self.desk.clock()):
                task = asyncio.create_task(self._send_to_destination(lane), name=f"lane {lane}")
                self._sending[lane] = task
                task.add_done_callback(partial(self._on_destination_done, lane))

    def _on_destination_done(self, lane: str, task: asyncio.Task[None]) -> None:
        self._sending.pop(lane, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("A lane stopped", exc_info=error)
        elif lane in self._due_again:
            self._due_again.discard(lane)
            self._start_destinations([lane])

    async def _send_to_destination(self, lane: str) -> None:
        """Everything that is due in the lane, in its order."""
        while rows := await self.desk.read(deliveries.due_messages_to, lane, at=self.desk.clock()):
            self._due_again.discard(lane)
            for row in rows:
                await self.rate_limits.wait_for_slot(lane)
                async with self._slots:
                    if self._ending.is_set() or not await self._send_row(row):
                        return

    async def _send_row(self, row: OutboxMessage) -> bool:
        """True when the lane may go on with its next row."""
        attempts = await self.desk.execute(deliveries.claim_message, row.id, destination=row.lane)
        if not attempts:  # another worker has it, or the lane
            return False
        try:
            post = await self._deliver(row, attempts)
        except CardNotPosted:
            await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=1, error="waits for its card")
            return True
        except SlackApiError as error:
            return await self._handle_slack_error(row, attempts, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return await self._retry_later(row, attempts, f"{type(error).__name__}: {error}")
        except Exception as error:  # a card that cannot be drawn must not silence its channel for good
            log.exception("%s %s for %s cannot be drawn", row.kind, row.subject, row.lane)
            return await self._retry_render(row, attempts, f"{type(error).__name__}: {error}")
        await self.desk.execute(deliveries.mark_sent, row.id, reference=post)
        metrics.count_delivery(row.kind, "sent")
        return True

    async def _deliver(self, row: OutboxMessage, attempts: int) -> dict[str, Any] | None:
        draft = await self.desk.read(render_message, self.desk.policy, self.desk.clock(), row)
        if draft is None:
            return None
        if draft.waits_for_thread and draft.thread is None and attempts < MAX_SEND_ATTEMPTS // 4:
            raise CardNotPosted
        stands = await self.desk.read(
            message_references.find_card, kind=row.kind, subject=row.subject, destination=row.lane
        )
        digest = _message_digest(draft)
        if row.kind not in REFRESHED_KINDS or stands is None:
            channel, ts = await self._post_once(row, draft, attempts)
            if draft.chart is not None:
                upload.post_chart_in_thread(self.desk, self.client, channel, ts, draft.chart)
        elif stands.digest == digest:
            return None
        else:
            channel, ts = await self._update_message(stands, row, draft)
        return _message_reference(row, draft, channel, ts, digest)

    async def _update_message(
        self, stands: MessageReference, row: OutboxMessage, draft: RenderedMessage
    ) -> tuple[str, str]:
        said = draft.message
        try:
            await self.client.chat_update(channel=stands.channel, ts=stands.ts, text=said.text, blocks=said.blocks)
        except SlackApiError as error:
            if error.response.get("error") not in MESSAGE_GONE_ERRORS:
                raise
            return await self._post_message(row, draft)
        return stands.channel, stands.ts

    async def _post_once(self, row: OutboxMessage, draft: RenderedMessage, attempts: int) -> tuple[str, str]:
        """A post whose fate is unknown is looked up by its metadata before it is sent again."""
        if attempts > 1 and (found := await self._find_posted(row, draft)) is not None:
            return found
        return await self._post_message(row, draft)

    async def _post_message(self, row: OutboxMessage, draft: RenderedMessage) -> tuple[str, str]:
        answer = await self.client.chat_postMessage(
            channel=draft.thread.channel if draft.thread else row.lane,
            text=draft.message.text,
            blocks=draft.message.blocks,
            thread_ts=draft.thread.ts if draft.thread else None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"id": str(row.id)}},
        )
        return str(answer["channel"]), str(answer["ts"])

    async def _find_posted(self, row: OutboxMessage, draft: RenderedMessage) -> tuple[str, str] | None:
        channel = draft.thread.channel if draft.thread else await self._channel_id(row.lane)
        oldest = str((row.queued_at - timedelta(minutes=1)).timestamp())
        asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "include_all_metadata": True, "limit": 200}
        if draft.thread:
            answer = await self.client.conversations_replies(ts=draft.thread.ts, **asked)
        else:
            answer = await self.client.conversations_history(**asked)
        for message in answer["messages"]:
            if (message.get("metadata") or {}).get("event_payload", {}).get("id") == str(row.id):
                return channel, str(message["ts"])
        return None

    async def _channel_id(self, lane: str) -> str:
        if not lane.startswith(("U", "W")):
            return lane
        if lane not in self._dms:
            answer = await self.client.conversations_open(users=lane)
            self._dms[lane] = str(answer["channel"]["id"])
        return self._dms[lane]

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
        await self.desk.execute(deeds.give_up_message, row, error=name)
        metrics.count_delivery(row.kind, "failed")
        return True

    async def _retry_render(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_RENDER_ATTEMPTS:
            await self.desk.execute(deeds.give_up_message, row, error=error)
        else:
            await self.desk.execute(deliveries.retry_later, row.id, delay_seconds=5, error=error)
        return True

    async def _retry_later(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_SEND_ATTEMPTS:
            await self.desk.execute(deeds.give_up_message, row, error=error)
            return True
        await self.desk.execute(
            deliveries.retry_later, row.id, delay_seconds=min(300.0, 0.5 * 2 ** min(attempts, 10)), error=error
        )
        metrics.count_delivery(row.kind, "retried")
        return False


def _message_digest(draft: RenderedMessage) -> str:
    said = json.dumps([draft.message.text, draft.message.blocks], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _message_reference(
    row: OutboxMessage, draft: RenderedMessage, channel: str, ts: str, digest: str
) -> dict[str, Any] | None:
    """What to remember of the post: cards, and the first message to a requester, whose thread is theirs."""
    if row.kind not in REFRESHED_KINDS and not draft.is_requester_thread:
        return None
    card = row.kind in REFRESHED_KINDS
    return {
        "kind": row.kind if card else MessageKind.REPLY,
        "subject": row.subject if card else str(row.number),
        "lane": row.lane,
        "channel": channel,
        "ts": ts,
        "number": row.number,
        "digest": digest,
    }
