"""How delivery and the jobs are doing, as the desk remembers it."""

from datetime import timedelta

from services.desk import Desk
from storage.health import Health, Lost, health
from storage.outbox import deliveries, outbox
from storage.outbox.outbox import Kind
from storage.transaction import Work
from tests.desks import HeldClock


def queued(work: Work, lane: str, once: str) -> None:
    outbox.queue(work, Kind.NOTICE, lane=lane, data={"words": "w", "quote": ""}, once=once)


def given_up(work: Work, error: str) -> None:
    for row in deliveries.pending(work.session, work.workspace, at=work.now):
        deliveries.failed(work, row.id, error=error)


def put_off(work: Work, error: str) -> None:
    for row in deliveries.pending(work.session, work.workspace, at=work.now):
        deliveries.later(work, row.id, seconds=60, error=error)


async def seen(desk: Desk, clock: HeldClock) -> Health:
    return await desk.ask(health, since=clock.now - timedelta(days=7))


async def test_nothing_waits_at_a_quiet_desk(desk: Desk, clock: HeldClock) -> None:
    found = await seen(desk, clock)

    assert (found.waiting, found.oldest_at, list(found.held), list(found.lost)) == (0, None, [], [])


async def test_what_was_given_up_is_counted_by_place_and_reason(desk: Desk, clock: HeldClock) -> None:
    for once in ("a", "b"):
        await desk.do(queued, "C0GONE", once)
    await desk.do(given_up, "is_archived")

    found = await seen(desk, clock)

    assert list(found.lost) == [Lost("C0GONE", "is_archived", 2, clock.now)]
    assert found.waiting == 0


async def test_what_was_given_up_long_ago_is_history(desk: Desk, clock: HeldClock) -> None:
    await desk.do(queued, "C0GONE", "a")
    await desk.do(given_up, "is_archived")
    clock.forward(days=8)

    assert list((await seen(desk, clock)).lost) == []


async def test_what_waits_says_since_when_and_why(desk: Desk, clock: HeldClock) -> None:
    began = clock.now
    await desk.do(queued, "C0SUPPORT", "a")
    await desk.do(put_off, "ratelimited")
    clock.forward(minutes=1)
    await desk.do(queued, "C0SUPPORT", "b")

    found = await seen(desk, clock)

    assert (found.waiting, found.oldest_at, list(found.held)) == (2, began, [("ratelimited", 1)])
