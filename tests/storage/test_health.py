"""How delivery and the jobs are doing, as the desk remembers it."""

from datetime import timedelta

from services.desk import Desk
from storage.health import DeskHealth, UndeliveredMessages, desk_health
from storage.outbox import deliveries, outbox
from storage.outbox.outbox import NOTICE
from storage.transaction import Transaction
from tests.desks import HeldClock


def queued(tx: Transaction, lane: str, once: str) -> None:
    outbox.queue_message(tx, NOTICE, destination=lane, data={"words": "w", "quote": ""}, dedupe_key=once)


def given_up(tx: Transaction, error: str) -> None:
    for row in deliveries.due_messages(tx, at=tx.now):
        deliveries.mark_failed(tx, row.id, error=error)


def put_off(tx: Transaction, error: str) -> None:
    for row in deliveries.due_messages(tx, at=tx.now):
        deliveries.retry_later(tx, row.id, delay_seconds=60, error=error)


async def seen(desk: Desk, clock: HeldClock) -> DeskHealth:
    return await desk.read(desk_health, since=clock.now - timedelta(days=7))


async def test_nothing_waits_at_a_quiet_desk(desk: Desk, clock: HeldClock) -> None:
    found = await seen(desk, clock)

    assert (found.waiting_count, found.oldest_at, list(found.postponed), list(found.undelivered)) == (0, None, [], [])


async def test_what_was_given_up_is_counted_by_place_and_reason(desk: Desk, clock: HeldClock) -> None:
    for once in ("a", "b"):
        await desk.execute(queued, "C0GONE", once)
    await desk.execute(given_up, "is_archived")

    found = await seen(desk, clock)

    assert list(found.undelivered) == [UndeliveredMessages("C0GONE", "is_archived", 2, clock.now)]
    assert found.waiting_count == 0


async def test_what_was_given_up_long_ago_is_history(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(queued, "C0GONE", "a")
    await desk.execute(given_up, "is_archived")
    clock.forward(days=8)

    assert list((await seen(desk, clock)).undelivered) == []


async def test_what_waits_says_since_when_and_why(desk: Desk, clock: HeldClock) -> None:
    began = clock.now
    await desk.execute(queued, "C0SUPPORT", "a")
    await desk.execute(put_off, "ratelimited")
    clock.forward(minutes=1)
    await desk.execute(queued, "C0SUPPORT", "b")

    found = await seen(desk, clock)

    assert (found.waiting_count, found.oldest_at, list(found.postponed)) == (2, began, [("ratelimited", 1)])
