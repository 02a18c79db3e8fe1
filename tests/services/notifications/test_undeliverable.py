"""What cannot be said where it belongs is said where somebody reads it."""

from rules.intake.requests import TicketRequest
from services import intake
from services.desk import Desk
from services.notifications import undeliverable
from services.tickets import tickets
from storage.outbox import outbox
from storage.outbox.outbox import NOTICE, REQUESTER_REPLY, TICKET_CARD
from tests.desks import render_message
from tests.services.vpn import ANA, BEN, CLEO, LENA, filed, queued, told


async def replied_in_general(desk: Desk, *, requester: str = CLEO) -> None:
    """They asked in a thread of #general, and Ana replied."""
    asked = TicketRequest(
        title="VPN is down",
        requester=requester,
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


async def test_nobody_gets_their_own_reply_by_direct_message(desk: Desk) -> None:
    await replied_in_general(desk, requester=ANA)
    lost = (await queued(desk, REQUESTER_REPLY))[0]

    await desk.execute(undeliverable.give_up_message, lost, REQUESTER_REPLY, error="not_in_channel")

    assert await queued(desk, REQUESTER_REPLY, to=ANA) == []
    assert await told(desk, ANA) == []


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


async def test_what_a_person_does_not_get_their_lead_reads_of_once_a_day(desk: Desk) -> None:
    for words in ("Look at this.", "And at that."):
        await desk.execute(outbox.notify_person, BEN, text=words)
    for lost in await queued(desk, NOTICE, to=BEN):
        await desk.execute(undeliverable.give_up_message, lost, NOTICE, error="user_disabled")

    assert await told(desk, LENA) == [
        "<@U0AGENT2> does not get what Baton writes to them: they are not in Slack any more."
    ]


async def test_a_lead_who_cannot_be_reached_is_spoken_of_no_further(desk: Desk) -> None:
    await desk.execute(outbox.notify_person, BEN, text="Look at this.")
    lost = (await queued(desk, NOTICE, to=BEN))[0]
    await desk.execute(undeliverable.give_up_message, lost, NOTICE, error="user_disabled")
    lost = (await queued(desk, NOTICE, to=LENA))[0]

    await desk.execute(undeliverable.give_up_message, lost, NOTICE, error="user_disabled")

    assert len(await queued(desk, NOTICE)) == 2


async def test_who_registered_a_request_reads_that_its_requester_was_not_told(desk: Desk) -> None:
    number = await filed(desk)
    await desk.execute(intake.send_confirmation, number, to=CLEO)
    lost = (await queued(desk, intake.CONFIRMATION))[0]

    await desk.execute(undeliverable.give_up_message, lost, intake.CONFIRMATION, error="user_disabled")

    assert "<@U0CLIENT1> was not told of #1: they are not in Slack any more." in await told(desk, ANA)


async def test_of_a_message_that_slack_would_take_nowhere_the_lead_reads_and_gets_no_copy(desk: Desk) -> None:
    await filed(desk)
    lost = (await queued(desk, TICKET_CARD))[0]

    await desk.execute(
        undeliverable.give_up_message, lost, TICKET_CARD, error="msg_blocks_too_long", is_unsendable=True
    )

    assert await queued(desk, TICKET_CARD, to=LENA) == []
    assert await told(desk, LENA) == [
        "A message about #1 for <#C0SUPPORT> could not be sent (`msg_blocks_too_long`)."
        " Ask your administrator to look at `/desk health`."
    ]
