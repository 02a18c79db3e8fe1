"""Who speaks in which thread: the team among itself, the customer to the team, the team to the customer."""

from typing import Any

import pytest

from rules.errors import Refused
from rules.escalations.escalations import RejectionReason
from services.desk import Desk
from services.escalations import escalations
from services.tickets import threads, tickets
from storage.alerts import ALERT_CARD
from storage.escalations.escalations import ESCALATION_CARD
from storage.outbox import message_references
from storage.outbox.outbox import REQUESTER_REPLY, TICKET_CARD, TIMELINE_ENTRY
from storage.schema.tickets import MessageReference
from storage.transaction import Transaction
from tests.desks import HeldClock
from tests.services.vpn import ANA, BEN, CLEO, EVA, OTTO, escalated, filed, history, queued, story, told

FILE = {"name": "trace.txt", "url": "https://orlen-lake.example/files/trace.txt"}


async def stands(desk: Desk, number: int, kind: str, channel: str) -> None:
    subject = f"{number}.1" if kind == ESCALATION_CARD else str(number)
    await desk.execute(_stands, number, kind, subject, channel)


def _stands(tx: Transaction, number: int, kind: str, subject: str, channel: str) -> None:
    at = MessageReference(kind=kind, subject=subject, lane=channel, channel=channel, ts="100.1", number=number)
    message_references.save_reference(tx, at)


async def says(desk: Desk, by: str, text: str, *, channel: str, **more: Any) -> dict[str, Any] | None:
    place = threads.MessagePlace(channel, "100.1", "100.2")
    return await desk.execute(threads.record_thread_message, place, by=by, text=text, **more)


async def test_the_team_under_its_card_writes_a_note_that_is_not_repeated_there(desk: Desk) -> None:
    number = await filed(desk)
    await stands(desk, number, TICKET_CARD, "C0SUPPORT")

    kept = await says(desk, BEN, "Third time this week.", channel="C0SUPPORT")

    assert kept == {"kept": "note", "number": number, "seq": 2}
    assert await queued(desk, TIMELINE_ENTRY) == []


async def test_a_note_under_an_alert_is_told_under_the_card(desk: Desk) -> None:
    number = await filed(desk)
    await stands(desk, number, ALERT_CARD, "C0SUPPORT")

    await says(desk, BEN, "I wait for the vendor.", channel="C0SUPPORT")

    assert [row.lane for row in await queued(desk, TIMELINE_ENTRY)] == ["C0SUPPORT"]


async def test_an_expert_who_is_asked_and_writes_where_the_customer_asked_replies_to_them(desk: Desk) -> None:
    number = await escalated(desk)
    await stands(desk, number, message_references.SOURCE_KIND, "C0GENERAL")

    kept = await says(desk, EVA, "The gateway is being restarted.", channel="C0GENERAL")

    assert kept == {"kept": "replied", "number": number}


async def test_an_expert_under_the_approval_card_is_read_by_first_line(desk: Desk) -> None:
    number = await escalated(desk)
    await stands(desk, number, ESCALATION_CARD, "C0NETWORK")

    await says(desk, EVA, "Looks like the provider.", channel="C0NETWORK")

    assert (await queued(desk, TIMELINE_ENTRY))[-1].lane == "C0SUPPORT"
    assert (await history(desk, number))[-1].data["text"] == "Looks like the provider."


async def test_after_the_decision_an_experts_word_under_it_is_not_lost_silently(desk: Desk) -> None:
    number = await escalated(desk)
    await stands(desk, number, ESCALATION_CARD, "C0NETWORK")
    await desk.execute(escalations.reject, number, 1, by=EVA, reason=RejectionReason.OTHER, comment="Ask the provider.")

    with pytest.raises(Refused, match=r"was not added: .* Support works on the ticket now"):
        await says(desk, EVA, "And look at the log.", channel="C0NETWORK")


async def test_the_requester_in_their_own_thread_reaches_the_team_with_their_files(desk: Desk) -> None:
    number = await filed(desk)
    await stands(desk, number, message_references.SOURCE_KIND, "C0GENERAL")

    await says(desk, CLEO, "", channel="C0GENERAL", files=[FILE])

    wrote = (await history(desk, number))[-1]
    assert (wrote.kind, wrote.data["text"], wrote.data["files"]) == ("wrote", "", [FILE])
    assert (await queued(desk, TIMELINE_ENTRY))[-1].lane == "C0SUPPORT"


async def test_an_agent_in_the_requesters_thread_has_replied_and_it_is_not_said_again(desk: Desk) -> None:
    number = await filed(desk)
    await stands(desk, number, message_references.SOURCE_KIND, "C0GENERAL")

    await says(desk, BEN, "We are on it.", channel="C0GENERAL")

    assert await story(desk, number) == ["filed", "replied"]
    assert await queued(desk, REQUESTER_REPLY) == []


@pytest.mark.parametrize("channel", ["C0SUPPORT", "C0GENERAL"])
async def test_an_observer_or_passer_by_is_not_taken_down(desk: Desk, channel: str) -> None:
    number = await filed(desk)
    await stands(desk, number, TICKET_CARD if channel == "C0SUPPORT" else message_references.SOURCE_KIND, channel)

    assert await says(desk, OTTO, "Interesting.", channel=channel) is None
    assert await story(desk, number) == ["filed"]


async def test_a_thread_that_is_none_of_ours_is_left_alone(desk: Desk) -> None:
    await filed(desk)

    assert await says(desk, ANA, "Lunch?", channel="C0GENERAL") is None


async def test_the_mention_that_filed_the_ticket_is_no_news_to_it(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await stands(desk, number, message_references.SOURCE_KIND, "C0GENERAL")

    await says(desk, CLEO, "@U0BATON please file this", channel="C0GENERAL", mentioned_at=clock.now.timestamp())

    assert await story(desk, number) == ["filed"]


async def test_a_later_mention_is(desk: Desk, clock: HeldClock) -> None:
    number = await filed(desk)
    await stands(desk, number, message_references.SOURCE_KIND, "C0GENERAL")
    clock.forward(minutes=5)

    await says(desk, CLEO, "@U0BATON any news?", channel="C0GENERAL", mentioned_at=clock.now.timestamp())

    assert await story(desk, number) == ["filed", "wrote"]


async def test_a_note_is_sent_to_the_customer_once_and_the_second_reads_who_did(desk: Desk) -> None:
    number = await filed(desk)
    seq = await desk.execute(tickets.add_note, number, by=ANA, text="The gateway restarts at noon.")
    await desk.execute(threads.send_note_to_requester, number, seq, by=ANA)

    with pytest.raises(Refused, match=f"{ANA} already sent this note to the requester"):
        await desk.execute(threads.send_note_to_requester, number, seq, by=BEN)
    assert len(await queued(desk, REQUESTER_REPLY)) == 1


async def test_what_is_no_note_is_not_sent(desk: Desk) -> None:
    number = await filed(desk)

    with pytest.raises(Refused, match="no such note"):
        await desk.execute(threads.send_note_to_requester, number, 1, by=ANA)


async def test_whoever_greets_baton_reads_what_it_is_once_a_day(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(threads.send_welcome, by=CLEO)
    await desk.execute(threads.send_welcome, by=CLEO)
    clock.forward(days=1)
    await desk.execute(threads.send_welcome, by=CLEO)

    assert len(await told(desk, CLEO)) == 2
