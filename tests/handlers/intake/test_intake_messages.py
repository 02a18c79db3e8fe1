"""People point at what was said: a message, a thread, a mention."""

from typing import Any

from services.tickets import tickets
from storage.outbox import message_references
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket
from tests.desks import Office


def said(message: dict[str, Any]) -> str:
    return f"{message['text']}{message.get('blocks')}"


async def ticket(office: Office, number: int = 1) -> Ticket:
    return await office.desk.read(get_ticket, number)


def mention_of(office: Office) -> dict[str, Any]:
    """The newest mention as Slack told it."""
    told = [one for one in office.emulator.traffic.entries_after(0) if one.get("name") == "app_mention"]
    body: dict[str, Any] = told[-1]["body"]
    return body


async def from_message(office: Office, ts: str, *, by: str = "U0AGENT1", channel: str = "C0GENERAL") -> None:
    """Somebody chooses *Create ticket* on a message and sends the form as it comes."""
    person = office.person(by)
    await person.message_shortcut("ticket_from_message", channel, ts)
    await person.submit({})
    await office.settled()


async def test_a_message_becomes_a_ticket_of_its_author_and_is_answered_in_its_thread(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    asked = await cleo.upload("C0GENERAL", "log.txt", b"flap", "VPN is down & out\nsince 8:10")

    await from_message(office, asked["ts"])

    assert "Filed as #1 · VPN is down &amp; out" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])
    filed = await ticket(office)
    assert (filed.title, filed.description) == ("VPN is down & out", "VPN is down & out\nsince 8:10")
    assert (filed.requester, filed.registered_by) == ("U0CLIENT1", "U0AGENT1")
    assert asked["ts"].replace(".", "") in (filed.permalink or "")
    assert [one["name"] for one in filed.files] == ["log.txt"]


async def test_the_reply_reaches_the_thread_of_the_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")
    await from_message(office, asked["ts"])

    await office.desk.execute(tickets.reply, 1, by="U0AGENT1", text="Restarted the gateway.")
    await office.settled()

    assert "Restarted the gateway." in said(cleo.thread("C0GENERAL", asked["ts"])[-1])


async def test_the_same_message_twice_is_one_ticket(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")
    await from_message(office, asked["ts"])
    ben = office.person("U0AGENT2")

    await ben.message_shortcut("ticket_from_message", "C0GENERAL", asked["ts"])

    assert "This message is #1 already." in str(ben.view)


async def test_two_who_file_the_same_message_at_once_get_one_ticket(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")
    ben = office.person("U0AGENT2")
    await ben.message_shortcut("ticket_from_message", "C0GENERAL", asked["ts"])
    await from_message(office, asked["ts"])

    await ben.submit({})

    assert "This message is #1 already." in str(ben.view)


async def test_what_a_bot_wrote_is_asked_by_who_files_it(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")

    await from_message(office, card["ts"], channel="C0SUPPORT")

    assert (await ticket(office, 2)).requester == "U0AGENT1"


async def test_a_card_stays_where_it_is_when_its_message_is_filed(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")

    await from_message(office, card["ts"], channel="C0SUPPORT")

    post = await office.desk.read(message_references.find_at, "C0SUPPORT", card["ts"])
    assert post is not None
    assert (post.kind, post.number) == ("card", 1)


async def test_in_a_channel_without_us_the_filer_is_told_by_direct_message(office: Office) -> None:
    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")
    del office.emulator.workspace.channels["C0GENERAL"].members["U0BATON"]

    await from_message(office, asked["ts"])
    office.emulator.refusals.clear()

    assert "Filed #1 VPN is down" in said(ana.visible_messages(ana.dm_channel("U0BATON"))[-1])
    assert await office.desk.read(message_references.source_thread, 1) is None


async def test_a_mention_in_a_thread_files_the_thread(office: Office) -> None:
    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")

    await ana.say("C0GENERAL", "@baton !high type:network", thread=asked["ts"])
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.requester, filed.registered_by) == ("VPN is down", "U0CLIENT1", "U0AGENT1")
    assert (filed.type, filed.priority) == ("network", "high")
    assert "Filed as #1 · VPN is down" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])


async def test_a_second_mention_is_told_whose_thread_it_is(office: Office) -> None:
    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")
    await ana.say("C0GENERAL", "@baton", thread=asked["ts"])
    await office.settled()

    await ana.say("C0GENERAL", "@baton please", thread=asked["ts"])
    await office.settled()

    assert "This thread is #1 already." in said(ana.thread("C0GENERAL", asked["ts"])[-1])
    assert len(office.app_messages("C0SUPPORT")) == 1


async def test_a_mention_in_a_cards_thread_files_nothing(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")
    ana = office.person("U0AGENT1")

    await ana.say("C0SUPPORT", "@baton what now", thread=card["ts"])
    await office.settled()

    assert any("This thread is #1 already." in said(one) for one in ana.thread("C0SUPPORT", card["ts"]))
    assert len(office.app_messages("C0SUPPORT")) == 1


async def test_a_mention_outside_of_a_thread_files_the_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")

    asked = await cleo.say("C0GENERAL", "@baton the printer is jammed !low")
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.priority, filed.requester) == ("the printer is jammed", "low", "U0CLIENT1")
    assert "Filed as #1" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])


async def test_a_name_alone_is_asked_back(office: Office) -> None:
    cleo = office.person("U0CLIENT1")

    await cleo.say("C0GENERAL", "@baton")
    await office.settled()

    assert "Mention me with what is wrong" in said(cleo.visible_messages("C0GENERAL")[-1])
    assert office.app_messages("C0SUPPORT") == []


async def test_an_unknown_priority_in_a_mention_is_asked_back_in_the_thread(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")

    await cleo.say("C0GENERAL", "@baton !hgih", thread=asked["ts"])
    await office.settled()

    assert "Did you mean `!high`?" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])
    assert office.app_messages("C0SUPPORT") == []


async def test_a_mention_that_slack_tells_twice_is_one_ticket(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "@baton the printer is jammed")
    await office.settled()

    office.emulator.delivery.send_event(mention_of(office))
    await office.settled()

    answers = [one for one in office.person("U0CLIENT1").thread("C0GENERAL", asked["ts"]) if one.get("bot_id")]
    assert ["Filed as #1" in said(one) for one in answers] == [True]
    assert len(office.app_messages("C0SUPPORT")) == 1
