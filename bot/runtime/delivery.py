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
from bot.runtime.rate_limits import Lanes
from handlers.charts import upload
from handlers.outbox.messages import Draft
from handlers.outbox.render import draw
from services.desk import Desk
from services.notifications import undeliverable as deeds
from storage.outbox import deliveries, message_references
from storage.outbox.outbox import REDRAWN, Kind
from storage.schema.tickets import Outgoing, Post

log = logging.getLogger("baton.delivery")

EVENT_TYPE = "baton_outbox"
PERMANENT = frozenset(
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
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
TOO_MANY = 429
TRIES = 40
DRAWINGS = 3
IDLE = 5.0
STOP_WITHIN = 10


class Waits(Exception):
    """Not now: the card it belongs under is not posted yet."""


class Delivery:
    """Sends what waits. Right however often it runs and wherever it stops: a row is claimed, sent, then marked."""

    def __init__(self, desk: Desk, client: AsyncWebClient, *, pace: float = 1.0, at_once: int = 8) -> None:
        self.desk = desk
        self.client = client
        self.lanes = Lanes(pace)
        self._slots = asyncio.Semaphore(at_once)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._dms: dict[str, str] = {}
        self._ending = asyncio.Event()
        desk.wake_delivery = self._wake

    async def run(self) -> None:
        """Until stopped. A commit wakes the lanes it spoke to; retries and other processes' rows are looked for."""
        if self.desk.database.is_sqlite:
            await self.desk.execute(deliveries.release_all)
        while not self._ending.is_set():
            await self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), await self._until_next())

    async def settled(self) -> None:
        """Returns when nothing that could be sent now is left: for orderly shutdown and for tests."""
        await self._look()
        while self._busy:
            await asyncio.wait(self._busy.values())
            await self._look()

    async def stop(self) -> None:
        """Lets posts in flight finish, so that a clean stop leaves nothing to look up; the rest waits in the outbox."""
        self._ending.set()
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=STOP_WITHIN)
            for task in late:
                task.cancel()

    async def _until_next(self) -> float:
        at = await self.desk.read(deliveries.next_after, at=self.desk.clock())
        return IDLE if at is None else min(IDLE, max(0.05, (at - self.desk.clock()).total_seconds()))

    async def _look(self) -> None:
        self._wake(await self.desk.read(deliveries.lanes_due, at=self.desk.clock()))

    def _wake(self, lanes: Iterable[str]) -> None:
        for lane in () if self._ending.is_set() else lanes:
            if lane in self._busy:
                self._more.add(lane)
            elif not self.lanes.silent(lane, self.desk.clock()):
                task = asyncio.create_task(self._send_lane(lane), name=f"lane {lane}")
                self._busy[lane] = task
                task.add_done_callback(partial(self._lane_done, lane))

    def _lane_done(self, lane: str, task: asyncio.Task[None]) -> None:
        self._busy.pop(lane, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("A lane stopped", exc_info=error)
        elif lane in self._more:
            self._more.discard(lane)
            self._wake([lane])

    async def _send_lane(self, lane: str) -> None:
        """Everything that is due in the lane, in its order."""
        while rows := await self.desk.read(deliveries.pending_in, lane, at=self.desk.clock()):
            self._more.discard(lane)
            for row in rows:
                await self.lanes.turn(lane)
                async with self._slots:
                    if self._ending.is_set() or not await self._send(row):
                        return

    async def _send(self, row: Outgoing) -> bool:
        """True when the lane may go on with its next row."""
        attempts = await self.desk.execute(deliveries.claim, row.id, lane=row.lane)
        if not attempts:  # another worker has it, or the lane
            return False
        try:
            post = await self._say(row, attempts)
        except Waits:
            await self.desk.execute(deliveries.later, row.id, seconds=1, error="waits for its card")
            return True
        except SlackApiError as error:
            return await self._refused(row, attempts, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return await self._again(row, attempts, f"{type(error).__name__}: {error}")
        except Exception as error:  # a card that cannot be drawn must not silence its channel for good
            log.exception("%s %s for %s cannot be drawn", row.kind, row.subject, row.lane)
            return await self._skip(row, attempts, f"{type(error).__name__}: {error}")
        await self.desk.execute(deliveries.sent, row.id, post=post)
        metrics.delivered(row.kind, "sent")
        return True

    async def _say(self, row: Outgoing, attempts: int) -> dict[str, Any] | None:
        draft = await self.desk.read(draw, self.desk.policy, self.desk.clock(), row)
        if draft is None:
            return None
        if draft.rooted and draft.thread is None and attempts < TRIES // 4:
            raise Waits
        stands = await self.desk.read(message_references.card, kind=row.kind, subject=row.subject, lane=row.lane)
        digest = _digest(draft)
        if row.kind not in REDRAWN or stands is None:
            channel, ts = await self._post_once(row, draft, attempts)
            if draft.picture is not None:
                upload.under(self.desk, self.client, channel, ts, draft.picture)
        elif stands.digest == digest:
            return None
        else:
            channel, ts = await self._update(stands, row, draft)
        return _place(row, draft, channel, ts, digest)

    async def _update(self, stands: Post, row: Outgoing, draft: Draft) -> tuple[str, str]:
        said = draft.message
        try:
            await self.client.chat_update(channel=stands.channel, ts=stands.ts, text=said.text, blocks=said.blocks)
        except SlackApiError as error:
            if error.response.get("error") not in GONE:
                raise
            return await self._post(row, draft)
        return stands.channel, stands.ts

    async def _post_once(self, row: Outgoing, draft: Draft, attempts: int) -> tuple[str, str]:
        """A post whose fate is unknown is looked up by its metadata before it is sent again."""
        if attempts > 1 and (found := await self._find(row, draft)) is not None:
            return found
        return await self._post(row, draft)

    async def _post(self, row: Outgoing, draft: Draft) -> tuple[str, str]:
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

    async def _find(self, row: Outgoing, draft: Draft) -> tuple[str, str] | None:
        channel = draft.thread.channel if draft.thread else await self._channel_of(row.lane)
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

    async def _channel_of(self, lane: str) -> str:
        if not lane.startswith(("U", "W")):
            return lane
        if lane not in self._dms:
            answer = await self.client.conversations_open(users=lane)
            self._dms[lane] = str(answer["channel"]["id"])
        return self._dms[lane]

    async def _refused(self, row: Outgoing, attempts: int, error: SlackApiError) -> bool:
        name = str(error.response.get("error", "unknown"))
        if error.response.status_code == TOO_MANY or name == "ratelimited":
            wait = float(error.response.headers.get("Retry-After", 1))
            self.lanes.hold(row.lane, self.desk.clock() + timedelta(seconds=wait))
            await self.desk.execute(deliveries.later, row.id, seconds=wait, error="ratelimited")
            metrics.delivered(row.kind, "ratelimited")
            return False
        if name not in PERMANENT:
            return await self._again(row, attempts, name)
        log.warning("Slack will not take %s for %s: %s", row.kind, row.lane, name)
        await self.desk.execute(deeds.give_up, row, error=name)
        metrics.delivered(row.kind, "failed")
        return True

    async def _skip(self, row: Outgoing, attempts: int, error: str) -> bool:
        if attempts >= DRAWINGS:
            await self.desk.execute(deeds.give_up, row, error=error)
        else:
            await self.desk.execute(deliveries.later, row.id, seconds=5, error=error)
        return True

    async def _again(self, row: Outgoing, attempts: int, error: str) -> bool:
        if attempts >= TRIES:
            await self.desk.execute(deeds.give_up, row, error=error)
            return True
        await self.desk.execute(deliveries.later, row.id, seconds=min(300.0, 0.5 * 2 ** min(attempts, 10)), error=error)
        metrics.delivered(row.kind, "retried")
        return False


def _digest(draft: Draft) -> str:
    said = json.dumps([draft.message.text, draft.message.blocks], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _place(row: Outgoing, draft: Draft, channel: str, ts: str, digest: str) -> dict[str, Any] | None:
    """What to remember of the post: cards, and the first message to a requester, whose thread is theirs."""
    if row.kind not in REDRAWN and not draft.theirs:
        return None
    card = row.kind in REDRAWN
    return {
        "kind": row.kind if card else Kind.REPLY,
        "subject": row.subject if card else str(row.number),
        "lane": row.lane,
        "channel": channel,
        "ts": ts,
        "number": row.number,
        "digest": digest,
    }
