"""A reply that reached nobody is no reply: its targets run on, and whoever wrote it reads why."""

import pytest

from rules.model.timers import TimerKind, TimerState
from services.desk import Desk
from services.notifications import undeliverable
from services.tickets import tickets
from services.tickets.undelivered import record_undelivered_reply
from storage import events
from storage.events import EventKind
from storage.outbox.outbox import REQUESTER_REPLY, TICKET_CARD, TIMELINE_ENTRY
from tests.desks import OFFICE, HeldClock, opened_desk, render_message
from tests.services.vpn import ANA, BEN, CLEO, LENA, filed, promise, queued, story, ticket, told


async def lose_reply(desk: Desk, *, nth: int = 0) -> None:
    """Slack says that Cleo has left."""
    lost = (await queued(desk, REQUESTER_REPLY))[nth]
    give_up, record = undeliverable.give_up_message, record_undelivered_reply
    await desk.execute(give_up, lost, REQUESTER_REPLY, error="user_disabled", record=record)


async def test_the_first_reply_is_due_when_it_was_due(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    before = await promise(desk, number, TimerKind.FIRST_RESPONSE)
    clock.forward(minutes=5)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
    clock.forward(minutes=1)

    await lose_reply(desk)

    assert await promise(desk, number, TimerKind.FIRST_RESPONSE) == before
    assert (await ticket(desk, number)).first_reply_at is None


async def test_a_later_reply_that_arrived_is_the_first(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
    clock.forward(minutes=40)  # the target is half an hour
    await desk.execute(tickets.reply, number, by=BEN, text="We are still on it.")
    second = clock.now
    clock.forward(minutes=1)

    await lose_reply(desk)

    timer = await promise(desk, number, TimerKind.FIRST_RESPONSE)
    assert (timer.state, timer.closed_at) == (TimerState.BREACHED, second)
    assert (await ticket(desk, number)).first_reply_at == second


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_when_both_are_lost_nobody_has_replied(desk: Desk, clock: HeldClock, order: tuple[int, int]) -> None:
    number = await filed(desk)
    before = await promise(desk, number, TimerKind.FIRST_RESPONSE)
    for who in (ANA, BEN):
        await desk.execute(tickets.reply, number, by=who, text="We are on it.")
        clock.forward(minutes=1)

    for nth in order:
        await lose_reply(desk, nth=nth)

    assert await promise(desk, number, TimerKind.FIRST_RESPONSE) == before


async def test_so_is_the_next_reply(database_url: str, clock: HeldClock) -> None:
    plain = OFFICE | {"sla": [{"first_response": "2h", "next_response": "1h", "resolution": "3d"}]}
    async with opened_desk(database_url, clock, plain=plain) as desk:
        number = await filed(desk)
        await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
        await desk.execute(tickets.add_requester_message, number, by=CLEO, text="It is still down.")
        before = await promise(desk, number, TimerKind.NEXT_RESPONSE)
        clock.forward(minutes=1)
        await desk.execute(tickets.reply, number, by=ANA, text="Still on it.")

        await lose_reply(desk, nth=1)

        assert await promise(desk, number, TimerKind.NEXT_RESPONSE) == before
        assert (await promise(desk, number, TimerKind.FIRST_RESPONSE)).state is TimerState.MET


async def test_whoever_wrote_it_the_lead_the_timeline_and_the_card_say_that_it_did_not_arrive(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")

    await lose_reply(desk)

    assert await story(desk, number) == ["filed", "replied", "undelivered"]
    assert "did not get your reply to #1: they are not in Slack any more" in (await told(desk, ANA))[-1]
    assert "did not get what <@U0AGENT1> wrote about #1" in (await told(desk, LENA))[-1]
    for kind in (TICKET_CARD, TIMELINE_ENTRY):
        rendered = await desk.read(render_message, desk.policy, desk.clock(), (await queued(desk, kind))[-1])
        assert rendered is not None
        assert "What <@U0AGENT1> wrote did not reach <@U0CLIENT1>: they are not in Slack any more." in str(
            rendered.message.blocks
        )


async def test_once_a_later_reply_is_given_the_card_says_nothing_of_the_lost_one(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
    await lose_reply(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="I called: it is solved.", message="C0GENERAL:9.9")

    rendered = await desk.read(render_message, desk.policy, desk.clock(), (await queued(desk, TICKET_CARD))[-1])

    assert rendered is not None
    assert "did not reach" not in str(rendered.message.blocks)


async def test_a_solution_that_nobody_read_stays_a_solution(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.resolve, number, by=ANA, solution="Plugged in.")

    await lose_reply(desk)

    lost = await desk.read(events.latest_event, number, EventKind.UNDELIVERED)
    timer = await promise(desk, number, TimerKind.RESOLUTION)
    assert lost is not None
    assert timer.state is TimerState.MET
    assert "did not get your solution of #1" in (await told(desk, ANA))[-1]
