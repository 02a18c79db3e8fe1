"""People point at what was said: a message, a thread, a mention."""

from typing import Any

import pytest

from bot.emulator.state import messages
from services.tickets import tickets
from storage.events import ticket_history
from storage.outbox import message_references
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket
from storage.transaction import Reader, all_where
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

    assert "Created #1 · VPN is down &amp; out" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])
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

    assert "This message is already #1." in str(ben.view)


async def test_two_who_file_the_same_message_at_once_get_one_ticket(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")
    ben = office.person("U0AGENT2")
    await ben.message_shortcut("ticket_from_message", "C0GENERAL", asked["ts"])
    await from_message(office, asked["ts"])

    await ben.submit({})

    assert "This message is already #1." in str(ben.view)


async def test_create_ticket_on_a_card_says_which_ticket_it_is(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")
    ben = office.person("U0AGENT2")

    await ben.message_shortcut("ticket_from_message", "C0SUPPORT", card["ts"])

    assert "This is #1." in str(ben.view)
    assert "form.file" not in str(ben.view)


async def test_a_message_becomes_a_short_title_and_its_whole_text_the_description(office: Office) -> None:
    text = "Hi, my badge does not open the door. It worked yesterday. Can somebody help?"
    asked = await office.person("U0CLIENT1").say("C0GENERAL", text)

    await from_message(office, asked["ts"])

    filed = await ticket(office, 1)
    assert (filed.title, filed.description) == ("My badge does not open the door.", text)


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

    assert "Created #1 VPN is down" in said(ana.visible_messages(ana.dm_channel("U0BATON"))[-1])
    assert await office.desk.read(message_references.source_thread, 1) is None


async def test_a_mention_in_a_thread_files_the_thread(office: Office) -> None:
    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")

    await ana.say("C0GENERAL", "@baton !high type:network", thread=asked["ts"])
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.requester, filed.registered_by) == ("VPN is down", "U0CLIENT1", "U0AGENT1")
    assert (filed.type, filed.priority) == ("network", "high")
    assert "Created #1 · VPN is down" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])


async def test_a_second_mention_is_told_whose_thread_it_is(office: Office) -> None:
    cleo, ana = office.person("U0CLIENT1"), office.person("U0AGENT1")
    asked = await cleo.say("C0GENERAL", "VPN is down")
    await ana.say("C0GENERAL", "@baton", thread=asked["ts"])
    await office.settled()

    await ana.say("C0GENERAL", "@baton please", thread=asked["ts"])
    await office.settled()

    assert "This thread is already #1." in said(ana.thread("C0GENERAL", asked["ts"])[-1])
    assert len(office.app_messages("C0SUPPORT")) == 1


async def test_a_mention_in_a_cards_thread_files_nothing(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")
    ana = office.person("U0AGENT1")

    await ana.say("C0SUPPORT", "@baton what now", thread=card["ts"])
    await office.settled()

    assert any("This thread is already #1." in said(one) for one in ana.thread("C0SUPPORT", card["ts"]))
    assert len(office.app_messages("C0SUPPORT")) == 1


async def test_a_mention_outside_of_a_thread_files_the_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")

    asked = await cleo.say("C0GENERAL", "@baton the printer is jammed !low")
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.priority, filed.requester) == ("the printer is jammed", "low", "U0CLIENT1")
    assert "Created #1" in said(cleo.thread("C0GENERAL", asked["ts"])[-1])


async def test_a_mention_is_not_asked_about_and_nothing_is_asked_because_of_it(office: Office) -> None:
    ana = office.person("U0AGENT1")
    await ana.say("C0GENERAL", "@baton the printer is jammed")
    await ana.say("C0GENERAL", "@baton the printer is jammed")
    await office.settled()

    typed = await ana.command("C0GENERAL", "/ticket", "the printer is jammed")

    assert "Created #3" in said(typed.ephemerals[0])


async def test_a_name_alone_is_asked_back(office: Office) -> None:
    cleo = office.person("U0CLIENT1")

    await cleo.say("C0GENERAL", "@baton")
    await office.settled()

    assert "Tell me what's wrong" in said(cleo.visible_messages("C0GENERAL")[-1])
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
    assert ["Created #1" in said(one) for one in answers] == [True]
    assert len(office.app_messages("C0SUPPORT")) == 1


ALERT = {"title": "Disk full on db1", "text": "98 % used", "fields": [{"title": "Host", "value": "db1"}]}


def posted(office: Office, message: dict[str, Any], channel: str = "C0GENERAL") -> str:
    """A message as another app, or Slack itself, puts it there; its ts."""
    workspace = office.emulator.workspace
    ts: str = messages.post_message(workspace, workspace.channels[channel], message)["ts"]
    return ts


def deleted(office: Office, ts: str, channel: str = "C0GENERAL") -> None:
    """The first message of a thread that has replies: Slack leaves a stone in its place."""
    stone = {"subtype": "tombstone", "user": "USLACKBOT", "text": "This message was deleted."}
    workspace = office.emulator.workspace
    messages.change_message(workspace, workspace.channels[channel], ts, stone)


async def test_in_a_thread_whose_first_message_was_deleted_the_mention_is_the_ticket(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")
    deleted(office, asked["ts"])

    await office.person("U0AGENT1").say("C0GENERAL", "@baton The VPN of floor 3 is down", thread=asked["ts"])
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.requester) == ("The VPN of floor 3 is down", "U0AGENT1")
    assert "deleted" not in filed.description


async def test_in_such_a_thread_a_mention_without_words_is_asked_back(office: Office) -> None:
    ana = office.person("U0AGENT1")
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")
    deleted(office, asked["ts"])

    await ana.say("C0GENERAL", "@baton", thread=asked["ts"])
    await office.settled()

    assert await office.desk.read(tickets_of_desk) == 0
    assert any("@Baton" in said(one) for one in ana.thread("C0GENERAL", asked["ts"]) if one.get("is_ephemeral"))


async def test_a_message_that_tells_of_a_join_is_no_request_of_the_person_who_joined(office: Office) -> None:
    ana = office.person("U0AGENT1")
    ts = posted(office, {"subtype": "channel_join", "user": "U0CLIENT1", "text": "<@U0CLIENT1> has joined"})

    await ana.message_shortcut("ticket_from_message", "C0GENERAL", ts)
    await ana.submit({"title": "Give Cleo access"})
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.description, filed.requester) == ("Give Cleo access", "", "U0AGENT1")


async def test_an_alert_is_filed_with_what_people_see_of_it(office: Office) -> None:
    ts = posted(office, {"bot_id": "B0MONITOR", "text": "", "attachments": [ALERT]})

    await from_message(office, ts)

    filed = await ticket(office)
    assert (filed.title, filed.requester) == ("Disk full on db1", "U0AGENT1")
    assert filed.description == "Disk full on db1\n98 % used\nHost: db1"


async def test_a_mention_in_the_thread_of_an_alert_files_the_alert(office: Office) -> None:
    ts = posted(office, {"bot_id": "B0MONITOR", "text": "", "attachments": [ALERT]})

    await office.person("U0AGENT1").say("C0GENERAL", "@baton please", thread=ts)
    await office.settled()

    filed = await ticket(office)
    assert filed.title == "Disk full on db1"
    assert filed.description == "Disk full on db1\n98 % used\nHost: db1\n\nplease"


async def test_a_forwarded_message_under_the_card_is_a_note(office: Office) -> None:
    await office.file("VPN is down")
    card = office.card("C0SUPPORT", "VPN is down")
    shared = {"is_share": True, "author_name": "Nora", "text": "The provider has an outage.", "fallback": "…"}

    office.person("U0AGENT1").post_typed("C0SUPPORT", "see", card["ts"], attachments=[shared])
    await office.settled()

    note = (await office.desk.read(ticket_history, 1))[-1]
    assert (note.kind, note.data["text"]) == ("noted", "see\nNora\nThe provider has an outage.")


async def test_who_and_what_a_message_mentions_is_read_by_name(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "x")
    workspace = office.emulator.workspace
    raw = "ask <@U0AGENT2> in <#C0NETWORK>: down since <!date^1392734382^{date}|Feb 18>"
    messages.change_message(workspace, workspace.channels["C0GENERAL"], asked["ts"], {"text": raw, "blocks": []})

    await from_message(office, asked["ts"])

    assert (await ticket(office)).title == "ask @Ben Adler in #network: down since Feb 18"


@pytest.mark.parametrize("edited", [False, True])
async def test_a_message_longer_than_the_form_is_kept_whole(office: Office, edited: bool) -> None:
    text = "\n".join(f"Line {number} of the log" for number in range(400)) + "\nThe last line says why."
    ts = posted(office, {"user": "U0CLIENT1", "text": text})
    ana = office.person("U0AGENT1")

    await ana.message_shortcut("ticket_from_message", "C0GENERAL", ts)
    shown = next(one for one in (ana.view or {})["blocks"] if one["block_id"] == "description")
    first = shown["element"]["initial_value"]
    await ana.submit({"description": first.replace("Line 0 ", "Row 0 ")} if edited else {})
    await office.settled()

    assert len(first) <= 3000
    assert (await ticket(office)).description == (text.replace("Line 0 ", "Row 0 ", 1) if edited else text)


async def test_a_long_message_that_mentions_baton_is_filed_whole(office: Office) -> None:
    text = "VPN is down\n" + "\n".join(f"Line {number} of the log" for number in range(400))

    await office.person("U0CLIENT1").say("C0GENERAL", f"@baton {text}")
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.description) == ("VPN is down", text)


async def test_a_file_beside_the_mention_is_kept_too(office: Office) -> None:
    asked = await office.person("U0CLIENT1").say("C0GENERAL", "VPN is down")

    await office.person("U0AGENT1").upload("C0GENERAL", "trace.txt", b"x", "@baton see this", asked["ts"])
    await office.settled()

    assert [one["name"] for one in (await ticket(office)).files] == ["trace.txt"]


def tickets_of_desk(reader: Reader) -> int:
    return len(all_where(reader, Ticket.number))


async def test_a_person_of_another_company_files_and_is_answered(office: Office) -> None:
    """Their ticket is theirs alone: our own person of the same id does not see it, and reads nothing of it."""
    cleo = office.person("U0CLIENT1")

    cleo.post_typed("C0GENERAL", "@baton the printer is dead", user_team="T0PARTNER")
    await office.settled()
    await office.desk.execute(tickets.take, 1, by="U0AGENT1")
    await office.desk.execute(tickets.reply, 1, by="U0AGENT1", text="Is it plugged in?")
    await office.settled()
    ours = await cleo.command("C0GENERAL", "/ticket", "1")

    assert (await ticket(office)).requester == "U0CLIENT1|T0PARTNER"
    assert "<@U0CLIENT1>" in said(office.card("C0SUPPORT", "the printer is dead"))
    (root,) = [one for one in cleo.visible_messages("C0GENERAL") if "the printer is dead" in one["text"]]
    assert "Is it plugged in?" in "".join(said(one) for one in cleo.thread("C0GENERAL", root["ts"]))
    assert "There is no ticket #1 that you can see." in ours.ephemerals[0]["text"]


async def test_a_message_of_another_company_becomes_a_ticket_of_its_author(office: Office) -> None:
    message = office.person("U0CLIENT1").post_typed("C0GENERAL", "VPN is down", user_team="T0PARTNER")

    await from_message(office, message["ts"])

    assert (await ticket(office)).requester == "U0CLIENT1|T0PARTNER"


async def test_a_thread_that_another_company_began_is_a_ticket_of_its_author(office: Office) -> None:
    root = office.person("U0CLIENT1").post_typed("C0GENERAL", "VPN is down", user_team="T0PARTNER")

    await office.person("U0AGENT1").say("C0GENERAL", "@baton", root["ts"])
    await office.settled()

    assert (await ticket(office)).requester == "U0CLIENT1|T0PARTNER"
