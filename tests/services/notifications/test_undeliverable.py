"""What cannot be said where it belongs is said where somebody reads it."""

from handlers.outbox.render import draw
from rules.intake.requests import Request
from services.desk import Desk
from services.notifications import undeliverable
from services.tickets import tickets
from storage.outbox.outbox import Kind
from tests.services.vpn import ANA, CLEO, LENA, filed, queued, told


async def replied_in_general(desk: Desk) -> None:
    """Cleo asked in a thread of #general, and Ana replied."""
    asked = Request(
        title="VPN is down",
        requester=CLEO,
        registered_by=ANA,
        type="network",
        channel="C0GENERAL",
        thread_ts="100.1",
    )
    number = await desk.execute(tickets.file, asked)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")


async def test_a_reply_that_cannot_reach_the_customers_thread_reaches_them_by_direct_message(desk: Desk) -> None:
    await replied_in_general(desk)
    lost = (await queued(desk, Kind.REPLY))[0]

    await desk.execute(undeliverable.give_up, lost, error="not_in_channel")

    instead = (await queued(desk, Kind.REPLY, to=CLEO))[0]
    draft = await desk.read(draw, desk.policy, desk.clock(), instead)
    assert lost.lane == "C0GENERAL"
    assert draft is not None
    assert (draft.thread, "We are on it." in draft.message.text) == (None, True)


async def test_a_direct_message_that_fails_is_not_tried_in_a_circle(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
    lost = (await queued(desk, Kind.REPLY))[0]

    await desk.execute(undeliverable.give_up, lost, error="user_disabled")

    assert len(await queued(desk, Kind.REPLY)) == 1


async def test_a_card_that_cannot_reach_its_channel_reaches_the_lead_who_reads_why(desk: Desk) -> None:
    await filed(desk)
    lost = (await queued(desk, Kind.CARD))[0]

    await desk.execute(undeliverable.give_up, lost, error="is_archived")

    assert [row.subject for row in await queued(desk, Kind.CARD, to=LENA)] == [lost.subject]
    assert "Unarchive it" in (await told(desk, LENA))[0]
