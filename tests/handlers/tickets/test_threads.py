"""People write in threads, and it reaches whom it should: once, and never in a circle."""

import pytest

from bot.emulator.events import payloads
from bot.emulator.types import Json
from handlers.slack.messages.messages import MessageEdit
from rules.errors import Refused
from rules.model.tickets import Status
from services.tickets import threads, tickets
from storage.events import ticket_history
from tests.desks import Office
from tests.handlers.vpn import (
    ANA,
    BATON,
    BEN,
    CLEO,
    EVA,
    GENERAL,
    NETWORK,
    SUPPORT,
    buttons,
    card,
    direct,
    filed,
    presses,
    says,
    story,
    submits,
    ticket,
    whispers,
)


async def happened(office: Office, number: int) -> list[str]:
    return [event.kind for event in await office.desk.read(ticket_history, number)]


async def details(office: Office, number: int) -> str:
    """The ticket's page as Ana opens it."""
    await presses(office, ANA, "ticket.more", choose=f"open:{number}")
    return str(office.person(ANA).view)


def edit_of(message: Json, **change: object) -> Json:
    event = {"type": "message", "subtype": "message_changed", "channel": SUPPORT, "message": message | change}
    return {"event": event | {"previous_message": message}}


async def asked_in_general(office: Office) -> tuple[int, str]:
    """Cleo writes in #general, and that message is filed."""
    message = await office.person(CLEO).say(GENERAL, "The VPN is down on floor 3")
    return await filed(office, thread=message["ts"]), message["ts"]


async def test_what_the_team_says_under_the_card_is_a_note_and_its_writer_alone_is_told(office: Office) -> None:
    number = await filed(office)

    await says(office, BEN, SUPPORT, "Third time this week.", thread=card(office)["ts"])

    told = whispers(office, BEN, SUPPORT, thread=card(office)["ts"])
    assert await happened(office, number) == ["filed", "noted"]
    assert [(one["text"], buttons(one)) for one in told] == [
        ("Saved as an internal note (the requester can't see it).", ["Send to the requester"])
    ]
    assert direct(office, CLEO) == []


async def test_the_note_is_sent_to_the_customer_with_one_press(office: Office) -> None:
    await filed(office)
    root = card(office)["ts"]
    await says(office, BEN, SUPPORT, "The gateway restarts at noon.", thread=root)
    whisper = whispers(office, BEN, SUPPORT, thread=root)[0]

    await office.person(BEN).press(SUPPORT, whisper["ts"], "note.send")
    await office.settled()

    assert "The gateway restarts at noon." in direct(office, CLEO)[-1]["text"]
    assert [one["text"] for one in whispers(office, BEN, SUPPORT, thread=root)] == ["Sent to the requester of #1."]


async def test_the_customer_writes_in_their_own_thread_and_the_team_reads_it(office: Office) -> None:
    number, thread = await asked_in_general(office)
    await presses(office, ANA, "ticket.take")
    await presses(office, ANA, "ticket.more", choose="wait:1")

    await says(office, CLEO, GENERAL, "It is only <!channel> floor 3 & 4.", thread=thread)

    assert "<@U0CLIENT1> *(requester)* replied" in story(office)[-1]
    assert "&lt;!channel&gt; floor 3 &amp; 4." in story(office)[-1]
    assert (await ticket(office, number)).status is Status.IN_PROGRESS


async def test_a_reply_is_read_in_the_customers_thread_and_is_not_taken_in_again(office: Office) -> None:
    number, thread = await asked_in_general(office)

    await presses(office, ANA, "ticket.more", choose="reply:1")
    await submits(office, ANA, text="We are on it.")

    said = [one["text"] for one in office.person(CLEO).thread(GENERAL, thread)]
    assert said[-1] == "<@U0AGENT1> replied on #1 VPN is down: “We are on it.”"
    assert await happened(office, number) == ["filed", "replied"]


async def test_an_agent_writing_in_the_customers_thread_has_replied(office: Office) -> None:
    number, thread = await asked_in_general(office)

    await says(office, ANA, GENERAL, "We are on it.", thread=thread)

    assert (await ticket(office, number)).first_reply_at is not None
    assert "replied to the requester" in story(office)[-1]
    assert len(office.person(CLEO).thread(GENERAL, thread)) == 2


async def test_the_customer_answers_under_the_direct_message_that_reached_them(office: Office) -> None:
    number = await filed(office)
    await office.desk.execute(tickets.reply, number, by=ANA, text="Which floor?")
    await office.settled()
    cleo = office.person(CLEO)

    await says(office, CLEO, cleo.dm_channel(BATON), "The third.", thread=direct(office, CLEO)[0]["ts"])

    assert "The third." in story(office)[-1]


async def test_after_the_end_the_customers_word_is_read_and_they_may_reopen(office: Office) -> None:
    number, thread = await asked_in_general(office)
    await office.desk.execute(tickets.resolve, number, by=ANA, solution="Restarted the gateway.")
    await office.settled()

    await says(office, CLEO, GENERAL, "It is down again.", thread=thread)

    whisper = whispers(office, CLEO, GENERAL, thread=thread)[0]
    assert "It is down again." in story(office)[-1]
    assert buttons(whisper) == ["Reopen"]


async def test_a_file_is_passed_on_as_a_link(office: Office) -> None:
    _, thread = await asked_in_general(office)

    await office.person(CLEO).upload(GENERAL, "trace & log.txt", b"...", text="See the trace", thread=thread)
    await office.settled()

    told: Json = office.person(ANA).thread(SUPPORT, card(office)["ts"])[-1]
    assert "|trace &amp; log.txt>" in str(told["blocks"])


async def test_a_note_that_was_edited_is_sent_as_it_stands_now(office: Office) -> None:
    number = await filed(office)
    ben = office.person(BEN)
    message = await ben.say(SUPPORT, "The password is hunter2.", card(office)["ts"])
    await office.settled()

    await ben.edit(SUPPORT, message["ts"], "The gateway is up again.")
    await office.settled()
    await office.desk.execute(threads.send_note_to_requester, number, 2, by=BEN)

    assert await happened(office, number) == ["filed", "noted", "edited", "replied"]
    page = await details(office, number)
    assert "hunter2" not in page
    assert page.count("The gateway is up again.") == 3


async def test_a_note_that_was_taken_back_is_kept_nowhere_and_cannot_be_sent(office: Office) -> None:
    number = await filed(office)
    ben = office.person(BEN)
    message = await ben.say(SUPPORT, "The password is hunter2.", card(office)["ts"])
    await office.settled()

    await ben.delete(SUPPORT, message["ts"])
    await office.settled()

    assert await happened(office, number) == ["filed", "noted", "deleted"]
    page = await details(office, number)
    assert "hunter2" not in page
    assert "An *internal note* by <@U0AGENT2> was deleted" in page
    with pytest.raises(Refused, match="deleted this note, so there is nothing to send"):
        await office.desk.execute(threads.send_note_to_requester, number, 2, by=BEN)


async def test_what_the_customer_corrects_in_their_thread_the_team_reads(office: Office) -> None:
    _, thread = await asked_in_general(office)
    cleo = office.person(CLEO)
    message = await cleo.say(GENERAL, "It is the third floor.", thread)
    await office.settled()

    await cleo.edit(GENERAL, message["ts"], "It is the fourth floor.")
    await office.settled()

    assert "edited a message" in story(office)[-1]
    assert "It is the fourth floor." in story(office)[-1]


async def test_the_message_that_a_ticket_comes_from_may_be_corrected_a_minute_later(office: Office) -> None:
    number, thread = await asked_in_general(office)

    await office.person(CLEO).edit(GENERAL, thread, "VPN is down on floor four")
    await office.settled()

    assert (await happened(office, number))[-1] == "edited"
    assert "edited the message that this ticket comes from" in story(office)[-1]
    assert "VPN is down on floor four" in story(office)[-1]


async def test_the_card_that_an_administrator_deletes_is_no_message_of_the_requester(office: Office) -> None:
    number = await filed(office)
    at = card(office)["ts"]
    event = {"type": "message", "subtype": "message_deleted", "channel": SUPPORT, "deleted_ts": at, "ts": "9.9"}
    payload = payloads.event_payload(office.emulator.workspace, event | {"event_ts": "9.9", "previous_message": {}})

    await office.emulator.delivery.attempt("events_api", payload)
    await office.settled()

    assert await happened(office, number) == ["filed"]


async def test_the_preview_of_a_link_is_no_edit(office: Office) -> None:
    number = await filed(office)
    ben = office.person(BEN)
    message = await ben.say(SUPPORT, "See https://status.test", card(office)["ts"])
    await office.settled()
    body = edit_of(message, text=message["text"], attachments=[{"from_url": "https://status.test", "title": "Status"}])

    assert MessageEdit.from_event(body) is None
    assert await happened(office, number) == ["filed", "noted"]


async def test_talk_in_a_thread_without_a_ticket_is_left_alone(office: Office) -> None:
    number = await filed(office)
    lunch = await office.person(ANA).say(GENERAL, "Lunch?")

    await says(office, BEN, GENERAL, "At noon.", thread=lunch["ts"])

    assert await happened(office, number) == ["filed"]
    assert whispers(office, BEN, GENERAL, thread=lunch["ts"]) == []


async def test_an_experts_word_under_the_approval_card_reaches_first_line(office: Office) -> None:
    await filed(office)
    await presses(office, ANA, "ticket.escalate")
    await submits(office, ANA, team="network", why="Tunnel flaps", tried="restarted client")

    await says(office, EVA, NETWORK, "Looks like the provider.", thread=office.app_messages(NETWORK)[-1]["ts"])

    assert "Looks like the provider." in story(office)[-1]


async def test_baton_greeted_says_what_it_is_once_a_day(office: Office) -> None:
    cleo = office.person(CLEO)

    await says(office, CLEO, cleo.dm_channel(BATON), "Hello")
    await says(office, CLEO, cleo.dm_channel(BATON), "Anybody there?")

    assert len(direct(office, CLEO)) == 1
    assert "/ticket help" in direct(office, CLEO)[0]["text"]


async def test_who_filed_for_themselves_says_more_below_the_answer_and_the_replies_come_there(office: Office) -> None:
    cleo = office.person(CLEO)
    await cleo.shortcut("ticket_new")
    await cleo.submit({"title": "VPN is down"})
    await office.settled()
    answer = cleo.visible_messages(cleo.dm_channel(BATON))[-1]

    await cleo.say(cleo.dm_channel(BATON), "Since ten o'clock.", thread=answer["ts"])
    await office.settled()
    await office.desk.execute(tickets.reply, 1, by=ANA, text="We see it.")
    await office.settled()

    below = [one["text"] for one in cleo.thread(cleo.dm_channel(BATON), answer["ts"])]
    assert await happened(office, 1) == ["filed", "wrote", "replied"]
    assert "We see it." in below[-1]
