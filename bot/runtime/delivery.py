"""Sends the outbox to Slack: each destination in order, at Slack's pace, each row once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Concatenate, ParamSpec

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.runtime.posting import Poster, message_digest
from bot.runtime.rate_limits import RateLimits, retry_after_seconds
from bot.runtime.slack_access import SlackAccess
from bot.slack.error_kinds import ErrorKind, SlackRefusal
from bot.supervision import STOP_TIMEOUT_SECONDS
from handlers.charts import upload
from handlers.outbox import RenderedMessage
from handlers.registry import Registry
from services.desk import Desk
from services.notifications import undeliverable
from services.notifications.late_notices import merge_late_notices
from storage.connections.outages import NotSaved
from storage.outbox import deliveries, message_references
from storage.outbox.outbox import REQUESTER_REPLY, MessageKind, is_person
from storage.schema.tickets import MessageReference, OutboxMessage
from storage.transaction import Reader, Transaction

log = logging.getLogger("baton.delivery")

MAX_SEND_ATTEMPTS = 300  # about a day of an ill Slack
MAX_TRIES = 3  # of what Slack refuses by a name nobody knows, and of what cannot be rendered
ORDERED_ATTEMPTS = 5  # half a minute in which the destination's other messages wait, so that they keep their order
MAX_IDLE_SECONDS = 5.0
POLL_TIMEOUT_SECONDS = 30.0
MAX_SENDING = 8
SLOW_SECONDS = 0.5
SAVE_PAUSES_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)

P = ParamSpec("P")
Rendered = tuple[RenderedMessage | None, MessageReference | None]


class CardNotPosted(Exception):
    """The card in whose thread the message belongs is not posted yet."""


class DatabaseSilent(Exception):
    """What the message is rendered from cannot be read just now."""


class Delivery:
    """Sends pending rows. Each is claimed, sent, then marked: a restart at any point loses and doubles nothing."""

    def __init__(
        self,
        desk: Desk,
        client: AsyncWebClient,
        registry: Registry,
        *,
        pace: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.desk = desk
        self.client = client
        self.registry = registry
        self.access = SlackAccess(client, desk.health, monotonic)
        self.poster = Poster(client, desk.health)
        self.rate_limits = RateLimits(pace, monotonic)
        self._slots = asyncio.Semaphore(MAX_SENDING)
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._due_again: set[str] = set()
        self._ending = asyncio.Event()
        self._has_released_claims = False
        self._wake = asyncio.Event()
        desk.wake_delivery = self._start_destinations

    async def run(self) -> None:
        """Runs until stopped. A commit wakes its destinations; retries and rows of other processes are polled for."""
        if self.desk.database.is_sqlite and not self._has_released_claims:  # run again, it may be sending already
            await self.desk.execute(deliveries.release_claims)
        self._has_released_claims = True
        while not self._ending.is_set():
            self._wake.clear()
            async with asyncio.timeout(POLL_TIMEOUT_SECONDS):
                await self._start_due()
                pause = await self.seconds_until_next()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def wait_until_idle(self) -> None:
        await self._start_due()
        while self._sending:
            await asyncio.wait(self._sending.values())
            await self._start_due()

    async def stop(self) -> None:
        """Lets posts in flight finish, so that none has to be looked up later; the rest stays in the outbox."""
        self._ending.set()
        self._wake.set()
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_TIMEOUT_SECONDS)
            for task in late:
                task.cancel()

    async def seconds_until_next(self) -> float:
        at = await self.desk.read(deliveries.next_due_at, at=self.desk.clock())
        until_due = None if at is None else (at - self.desk.clock()).total_seconds()
        waits = (until_due, self.rate_limits.seconds_until_free(), self.access.seconds_until_check())
        return max(0.05, min(MAX_IDLE_SECONDS, *(MAX_IDLE_SECONDS if wait is None else wait for wait in waits)))

    async def _start_due(self) -> None:
        await self.access.check()
        self._start_destinations(await self.desk.read(deliveries.destinations_due, at=self.desk.clock()))

    def _start_destinations(self, destinations: Iterable[str]) -> None:
        for destination in () if self._ending.is_set() or self.access.is_refused else destinations:
            if destination in self._sending:
                self._due_again.add(destination)
            elif not self.rate_limits.is_paused(destination):
                task = asyncio.create_task(self._send_to_destination(destination), name=f"destination {destination}")
                self._sending[destination] = task
                task.add_done_callback(partial(self._on_destination_done, destination))

    def _on_destination_done(self, destination: str, task: asyncio.Task[None]) -> None:
        self._sending.pop(destination, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("The sending to %s ended; it begins again when it is looked for", destination, exc_info=error)
            self.desk.health.restarts["sending"] += 1
            metrics.count_task_restart("sending")
        elif destination in self._due_again:
            self._due_again.discard(destination)
            self._start_destinations([destination])

    async def _send_to_destination(self, destination: str) -> None:
        while rows := await self._due_rows(destination):
            self._due_again.discard(destination)
            for row in rows:
                await self.rate_limits.wait_for_slot(destination)
                async with self._slot():
                    if self._ending.is_set() or self.access.is_refused or not await self._send_row(row):
                        return

    async def _due_rows(self, destination: str) -> Sequence[OutboxMessage]:
        """With notices that waited long merged into one."""
        rows = await self.desk.read(deliveries.due_messages_to, destination, at=self.desk.clock())
        if len(deliveries.late_notices(rows, at=self.desk.clock())) > 1:
            await self.desk.execute(merge_late_notices, destination)
            rows = await self.desk.read(deliveries.due_messages_to, destination, at=self.desk.clock())
        return rows

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """One of the places to send from. A destination that is slow gives it back after SLOW_SECONDS and goes on."""
        await self._slots.acquire()
        loop = asyncio.get_running_loop()
        release = loop.call_later(SLOW_SECONDS, self._slots.release)
        try:
            yield
        finally:
            if release.when() > loop.time():
                release.cancel()
                self._slots.release()

    async def _send_row(self, row: OutboxMessage) -> bool:
        """True when the destination's next row may be sent."""
        attempts = await self.desk.execute(deliveries.claim_message, row.id, destination=row.lane)
        if not attempts:  # another process has claimed it, or another row of the destination
            return False
        known = row.kind in self.registry.message_kinds
        return await (self._send_claimed(row, attempts) if known else self._give_up_unknown(row))

    async def _send_claimed(self, row: OutboxMessage, attempts: int) -> bool:
        try:
            post, next_part = await self._deliver(row, attempts)
        except CardNotPosted:
            return await self._put_back(row, delay=1, error="waits for its card", goes_on=True)
        except (DatabaseSilent, NotSaved) as error:
            return await self._put_back(row, delay=1, error=f"the database does not answer: {error}")
        except SlackApiError as error:
            return await self._handle_refusal(row, attempts, SlackRefusal.from_error(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return await self._retry_later(row, attempts, f"{type(error).__name__}: {error}")
        except Exception as error:  # a card that cannot be rendered must not block its destination
            log.exception("%s %s for %s cannot be drawn", row.kind, row.subject, row.lane)
            return await self._retry_render(row, attempts, f"{type(error).__name__}: {error}")
        await self._save(deliveries.mark_sent, row.id, reference=post, next_part=next_part)
        self.access.confirm()
        metrics.count_delivery(row.kind, "sent")
        return True

    async def _give_up_unknown(self, row: OutboxMessage) -> bool:
        """Another version of Baton queued it."""
        log.error("No renderer for the kind %s: %s for %s is given up", row.kind, row.subject, row.lane)
        await self._save(deliveries.mark_failed, row.id, error="unknown kind of message")
        metrics.count_delivery(row.kind, "failed")
        return True

    async def _deliver(self, row: OutboxMessage, attempts: int) -> tuple[MessageReference | None, int | None]:
        """The card's reference in Slack, and the part that follows."""
        rendered, earlier = await self._render(row)
        if rendered is None:
            return None, None
        if rendered.waits_for_thread:
            raise CardNotPosted
        digest = message_digest(rendered)
        kind = self.registry.message_kinds[row.kind]
        if not kind.refreshed or earlier is None:
            channel, ts = await self.poster.post_once(row, rendered, attempts)
        elif earlier.digest == digest:
            return None, None
        else:
            channel, ts = await self.poster.update(earlier, row, rendered, attempts)
        if rendered.charted is not None:
            upload.add_chart_to_card(self.desk, self.client, channel, ts, rendered.charted)
        reference = _message_reference(row, kind, rendered, channel=channel, ts=ts, digest=digest)
        return reference, rendered.next_part

    async def _render(self, row: OutboxMessage) -> Rendered:
        """The message as of now, and the reference of the card that is in Slack already."""

        def render(reader: Reader) -> Rendered:
            rendered = self.registry.render_message(reader, self.desk.policy, self.desk.clock(), row)
            find = message_references.find_card
            return rendered, find(reader, kind=row.kind, subject=row.subject, destination=row.lane)

        try:
            return await self.desk.read(render)
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseSilent(type(error).__name__) from error

    async def _handle_refusal(self, row: OutboxMessage, attempts: int, refusal: SlackRefusal) -> bool:
        kind = refusal.kind
        if kind is ErrorKind.OURS and not await self.access.is_about_us():
            kind = ErrorKind.DESTINATION if is_person(row.lane) else ErrorKind.UNKNOWN
        if kind is ErrorKind.RATE_LIMITED:
            wait = retry_after_seconds(refusal.retry_after, self.desk.clock())
            return await self._put_back(row, delay=wait, error=refusal.name)
        if kind in (ErrorKind.OURS, ErrorKind.SCOPE):
            self.access.refuse(refusal)
            return await self._put_back(row, error=refusal.name)
        if kind is ErrorKind.TRANSIENT or (kind is ErrorKind.UNKNOWN and attempts < MAX_TRIES):
            return await self._retry_later(row, attempts, refusal.name)
        return await self._give_up(row, refusal.name, is_unsendable=kind is not ErrorKind.DESTINATION)

    async def _put_back(self, row: OutboxMessage, *, error: str, delay: float = 0.0, goes_on: bool = False) -> bool:
        """The attempt had no effect and is not counted. Unless `goes_on` the destination's other messages wait too."""
        await self._save(deliveries.retry_later, row.id, delay_seconds=delay, error=error, is_attempt=False)
        metrics.count_delivery(row.kind, "put back")
        if delay and not goes_on:
            self.rate_limits.pause(row.lane, delay)
        self._wake.set()
        return goes_on

    async def _give_up(self, row: OutboxMessage, error: str, *, is_unsendable: bool = False) -> bool:
        log.warning("Slack will not take %s for %s: %s", row.kind, row.lane, error)
        kind = self.registry.message_kinds[row.kind]
        record = self.registry.undelivered.get(row.kind)
        await self._save(
            undeliverable.give_up_message, row, kind, error=error, is_unsendable=is_unsendable, record=record
        )
        metrics.count_delivery(row.kind, "failed")
        return True

    async def _retry_render(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_TRIES:
            return await self._give_up(row, error, is_unsendable=True)
        await self._save(deliveries.retry_later, row.id, delay_seconds=5, error=error)
        self._wake.set()
        return True

    async def _retry_later(self, row: OutboxMessage, attempts: int, error: str) -> bool:
        if attempts >= MAX_SEND_ATTEMPTS:
            return await self._give_up(row, error)
        delay = min(300.0, 0.5 * 2 ** min(attempts, 10))
        await self._save(deliveries.retry_later, row.id, delay_seconds=delay, error=error)
        metrics.count_delivery(row.kind, "retried")
        if attempts <= ORDERED_ATTEMPTS:
            self.rate_limits.pause(row.lane, delay)
        self._wake.set()
        return False

    async def _save(
        self, operation: Callable[Concatenate[Transaction, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Tries until it is saved, or delivery ends: what was sent must not be forgotten while the database is away."""
        tries = 0
        while True:
            try:
                await self.desk.execute(operation, *args, **kwargs)
                return
            except NotSaved as error:
                log.warning("The result of a delivery is not saved yet: %s", error)
                if self._ending.is_set():
                    raise
            with suppress(TimeoutError):
                async with asyncio.timeout(SAVE_PAUSES_SECONDS[min(tries, len(SAVE_PAUSES_SECONDS) - 1)]):
                    await self._ending.wait()
            tries += 1


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
