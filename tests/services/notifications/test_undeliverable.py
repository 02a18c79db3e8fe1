"""What cannot be said where it belongs is said where somebody reads it."""

from rules.intake.requests import TicketRequest
from services.desk import Desk
from services.notifications import undeliverable
from services.tickets import tickets
from storage.outbox.outbox import REQUESTER_REPLY, TICKET_CARD
from tests.desks import render_message
from tests.services.vpn import ANA, CLEO, LENA, filed, queued, told


async def replied_in_general(desk: Desk) -> None:
    """Cleo asked in a thread of #general, and Ana replied."""
    asked = TicketRequest(
        title="VPN is down",
        requester=CLEO,
        registered_by=ANA,
        type="network",
        channel="C0GENERAL",
        thread_ts="100.1",
    )
    number = await desk.execute(tickets.create_ticket, asked)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")


async def test_a_reply_that_cannot_reach_the_customers_thread_reaches_them_by_direct_message(desk: Desk) -> None:
    await replied_in_general(desk)
    lost = (await queued(desk, REQUESTER_REPLY))[0]

    await desk.execute(undeliverable.give_up_message, lost, REQUESTER_REPLY, error="not_in_channel")

    instead = (await queued(desk, REQUESTER_REPLY, to=CLEO))[0]
    draft = await desk.read(render_message, desk.policy, desk.clock(), instead)
    assert lost.lane == "C0GENERAL"
    assert draft is not None
    assert (draft.thread, "We are on it." in draft.message.text) == (None, True)


async def test_a_direct_message_that_fails_is_not_tried_in_a_circle(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="We are on it.")
    lost = (await queued(desk, REQUESTER_REPLY))[0]

    await desk.execute(undeliverable.give_up_message, lost, REQUESTER_REPLY, error="user_disabled")

    assert len(await queued(desk, REQUESTER_REPLY)) == 1


async def test_a_card_that_cannot_reach_its_channel_reaches_the_lead_who_reads_why(desk: Desk) -> None:
    await filed(desk)
    lost = (await queued(desk, TICKET_CARD))[0]

    await desk.execute(undeliverable.give_up_message, lost, TICKET_CARD, error="is_archived")

    assert [row.subject for row in await queued(desk, TICKET_CARD, to=LENA)] == [lost.subject]
    assert "Unarchive it" in (await told(desk, LENA))[0]
