"""People file: by text, by form, from a message, from a thread."""

from typing import Any

import pytest

from bot.emulator.events import payloads
from storage.schema.tickets import Ticket
from storage.sla import timers
from storage.tickets.tickets import get_ticket, open_numbers
from tests.desks import Office

FORM = {"title": "VPN is down", "type": "network", "priority": "high"}


def said(message: dict[str, Any]) -> str:
    return f"{message['text']}{message.get('blocks')}"


async def ticket(office: Office, number: int = 1) -> Ticket:
    return await office.desk.read(get_ticket, number)


async def test_a_line_of_text_is_filed_and_answered_with_the_due_times(office: Office) -> None:
    outcome = await office.file("VPN is down on floor 3 !high type:network", by="U0CLIENT1")

    answer = said(outcome.ephemerals[0])
    assert "Created #1 VPN is down on floor 3 · 🟠 High · Network" in answer
    assert "First reply by <!date^" in answer
    assert "(your time)" in answer
    assert "Routed to Support, which handles Network." in answer
    assert office.card("C0SUPPORT", "VPN is down on floor 3")


async def test_the_due_times_told_are_those_the_clocks_run_to(office: Office) -> None:
    outcome = await office.file("VPN is down !critical")

    running = await office.desk.read(timers.ticket_timers, 1)
    assert len(running) == 2
    for clock in running.values():
        assert f"<!date^{int(clock.due_at.timestamp())}^" in said(outcome.ephemerals[0])


async def test_only_the_filer_reads_the_answer(office: Office) -> None:
    await office.file("VPN is down", by="U0CLIENT1", channel="C0GENERAL")

    assert office.person("U0AGENT1").visible_messages("C0GENERAL") == []


async def test_an_agent_may_change_what_she_filed(office: Office) -> None:
    outcome = await office.file("VPN is down", by="U0AGENT1")

    assert "Change…" in said(outcome.ephemerals[0])


async def test_a_requester_is_not_offered_what_would_be_refused(office: Office) -> None:
    outcome = await office.file("VPN is down", by="U0CLIENT1")

    assert "Change…" not in said(outcome.ephemerals[0])


async def test_who_names_a_colleague_assigns_to_them(office: Office) -> None:
    outcome = await office.file("VPN is down @ben")

    assert "Assigned to <@U0AGENT2> (waiting for them to start)" in said(outcome.ephemerals[0])
    assert (await ticket(office)).assignee == "U0AGENT2"


async def test_who_names_somebody_whom_slack_does_not_know_reads_so(office: Office) -> None:
    outcome = await office.file("Mail of ana@example.com bounces @nobody !high")

    assert "Slack knows nobody called @nobody, so nobody was chosen by that." in said(outcome.ephemerals[0])
    assert (await ticket(office)).assignee is None


async def test_a_person_named_by_who_may_not_assign_is_text(office: Office) -> None:
    await office.file("VPN is down @ben", by="U0CLIENT1")

    filed = await ticket(office)
    assert (filed.title, filed.assignee) == ("VPN is down @Ben Adler", None)


async def test_a_person_named_inside_a_sentence_is_text_by_name(office: Office) -> None:
    await office.file("The laptop of @ben is lost", by="U0AGENT1")

    filed = await ticket(office)
    assert (filed.title, filed.assignee) == ("The laptop of @Ben Adler is lost", None)


async def test_an_order_about_a_ticket_shows_it_and_files_only_when_pressed(office: Office) -> None:
    await office.file("VPN is down", by="U0AGENT1")
    ana = office.person("U0AGENT1")

    outcome = await ana.command("C0GENERAL", "/ticket", "close 1")

    answer = outcome.ephemerals[0]
    assert "No ticket created from `close 1`. This is #1:" in said(answer)
    assert "ticket.resolve" in said(answer)
    await ana.press("C0GENERAL", answer["ts"], "ticket.file_anyway")
    await office.settled()
    assert (await ticket(office, 2)).title == "close 1"


async def test_an_order_about_an_unknown_ticket_gives_the_text_back(office: Office) -> None:
    outcome = await office.file("close 330")

    assert outcome.ephemerals[0]["text"] == "There is no ticket #330 that you can see. Your text: close 330"
    assert office.app_messages("C0SUPPORT") == []


async def test_the_lists_are_named_where_none_is_meant(office: Office) -> None:
    outcome = await office.file("list of all")

    assert "Lists: `list`, `list assigned`" in said(outcome.ephemerals[0])


async def test_a_mention_with_an_order_is_answered_and_files_nothing(office: Office) -> None:
    await office.file("VPN is down", by="U0CLIENT1")
    cleo = office.person("U0CLIENT1")

    for order, answer in (("list", "Your open requests: 1"), ("what is the status of 1?", "This is #1:")):
        await cleo.say("C0GENERAL", f"@baton {order}")
        await office.settled()
        assert answer in said(cleo.visible_messages("C0GENERAL")[-1])
    assert await office.desk.read(open_numbers) == [1]


async def test_a_mention_that_looks_like_an_order_is_filed_when_pressed(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.say("C0GENERAL", "@baton search does not work")
    await office.settled()
    question = cleo.visible_messages("C0GENERAL")[-1]

    await cleo.press("C0GENERAL", question["ts"], "ticket.file_mention")
    await office.settled()

    filed = await ticket(office)
    assert (filed.title, filed.requester) == ("search does not work", "U0CLIENT1")
    assert filed.source is not None


@pytest.mark.parametrize("text", ["!high \u3164 \u2800", "!high \u200b\U000e0041"])
async def test_a_title_that_shows_nothing_is_refused(office: Office, text: str) -> None:
    outcome = await office.file(text)

    assert "Say in a few words what it is about." in said(outcome.ephemerals[0])
    assert office.app_messages("C0SUPPORT") == []


async def test_a_line_that_shows_nothing_opens_the_form(office: Office) -> None:
    outcome = await office.file("\u3164 \u2800")

    assert outcome.view is not None
    assert outcome.view["title"]["text"] == "New ticket"
    assert office.app_messages("C0SUPPORT") == []


async def test_a_mention_by_nobody_files_nothing(office: Office) -> None:
    event = {"type": "app_mention", "channel": "C0GENERAL", "ts": "1.0", "text": "<@U0BATON> the printer is dead"}
    payload = payloads.event_payload(office.emulator.workspace, event | {"event_ts": "1.0"})

    answer = await office.emulator.delivery.attempt("events_api", payload)
    await office.settled()

    assert answer.error is None
    assert await office.desk.read(open_numbers) == []


async def test_an_unknown_type_files_nothing_and_gives_the_text_back(office: Office) -> None:
    outcome = await office.file("VPN <is> down type:netwrk")

    assert "Did you mean `network`? Your text: VPN &lt;is&gt; down type:netwrk" in said(outcome.ephemerals[0])
    assert office.app_messages("C0SUPPORT") == []


async def test_the_same_text_at_once_is_one_ticket(office: Office) -> None:
    await office.file("VPN is down")
    office.clock.forward(seconds=9)

    again = await office.file("VPN is down")

    assert "Already created as #1 a moment ago." in said(again.ephemerals[0])
    assert len(office.app_messages("C0SUPPORT")) == 1


async def test_the_same_request_within_ten_minutes_is_asked_about_and_filed_when_pressed(office: Office) -> None:
    await office.file("VPN is down")
    office.clock.forward(minutes=9)
    ana = office.person("U0AGENT1")

    again = await ana.command("C0GENERAL", "/ticket", "vpn is  down !high")

    question = again.ephemerals[0]
    assert "No ticket created yet: is this the same as #1?" in said(question)
    assert await office.desk.read(open_numbers) == [1]
    await ana.press("C0GENERAL", question["ts"], "ticket.file_anyway")
    await office.settled()
    assert (await ticket(office, 2)).priority == "high"


async def test_the_same_request_after_ten_minutes_is_another_ticket(office: Office) -> None:
    await office.file("VPN is down")
    office.clock.forward(minutes=11)

    again = await office.file("VPN is down")

    assert "Created #2" in said(again.ephemerals[0])


async def test_the_same_request_by_form_keeps_what_was_written_and_files_when_sent_again(office: Office) -> None:
    await office.file("VPN is down", by="U0CLIENT1")
    cleo = office.person("U0CLIENT1")
    await cleo.command("C0GENERAL", "/ticket")

    await cleo.submit({**FORM, "description": "since 8:10", "customer": "Acme"} | {"customer": ""})

    assert "is this the same as #1?" in str(cleo.view)
    assert await office.desk.read(open_numbers) == [1]
    await cleo.submit({})
    await office.settled()
    filed = await ticket(office, 2)
    assert (filed.description, filed.type, filed.priority) == ("since 8:10", "network", "high")


async def test_the_same_text_of_someone_else_is_another_ticket(office: Office) -> None:
    await office.file("VPN is down", by="U0AGENT1")

    other = await office.file("VPN is down", by="U0AGENT2")

    assert "Created #2" in said(other.ephemerals[0])


async def test_an_unknown_word_is_asked_about_and_filed_only_when_pressed(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    outcome = await cleo.command("C0GENERAL", "/ticket", "lst")
    question = outcome.ephemerals[0]
    assert "No ticket created: `lst` isn't a command. Did you mean `list`?" in said(question)

    await cleo.press("C0GENERAL", question["ts"], "ticket.file_anyway")
    await office.settled()

    assert "Created #1 lst" in said(cleo.visible_messages("C0GENERAL")[-1])
    assert (await ticket(office)).requester == "U0CLIENT1"


async def test_help_shows_how(office: Office) -> None:
    outcome = await office.file("help", by="U0CLIENT1")

    for word in ("!critical", "type:NAME", "list breached", "`network`", "Only you see"):
        assert word in said(outcome.ephemerals[0])


async def test_the_form_files_and_whispers_where_it_was_opened(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.command("C0GENERAL", "/ticket")
    assert cleo.view is not None
    assert cleo.view["title"]["text"] == "New ticket"

    outcome = await cleo.submit({**FORM, "description": "since 8:10", "customer": "Acme", "reply_by": "phone"})
    await office.settled()

    assert outcome.ok
    assert "Created #1 VPN is down" in said(cleo.visible_messages("C0GENERAL")[-1])
    filed = await ticket(office)
    assert (filed.type, filed.priority, filed.customer, filed.reply_by) == ("network", "high", "Acme", "phone")


async def test_a_form_opened_nowhere_is_answered_by_direct_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.shortcut("ticket_new")

    await cleo.submit(FORM)
    await office.settled()

    assert "Created #1 VPN is down" in said(cleo.visible_messages(cleo.dm_channel("U0BATON"))[-1])


async def test_where_we_are_not_invited_the_answer_comes_by_direct_message(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.command("C0GENERAL", "/ticket")
    del office.emulator.workspace.channels["C0GENERAL"].members["U0BATON"]

    await cleo.submit(FORM)
    await office.settled()
    office.emulator.refusals.clear()

    assert "Created #1 VPN is down" in said(cleo.visible_messages(cleo.dm_channel("U0BATON"))[-1])


async def test_an_error_stands_beside_its_field(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.command("C0GENERAL", "/ticket")

    outcome = await cleo.submit({**FORM, "assignee": "U0AGENT1"})

    assert "Only Support's people" in outcome.errors["assignee"]


async def test_a_title_of_blanks_is_asked_for(office: Office) -> None:
    cleo = office.person("U0CLIENT1")
    await cleo.command("C0GENERAL", "/ticket")

    outcome = await cleo.submit({**FORM, "title": "   "})

    assert outcome.errors == {"title": "Say in a few words what it is about."}


async def test_hostile_words_reach_nobody(office: Office) -> None:
    await office.file("<!channel> & <b>bold</b> \u202eback `code` " + "x" * 2000)

    card = office.app_messages("C0SUPPORT")[0]
    assert "<!channel>" not in said(card)
    assert "&lt;!channel&gt; &amp; &lt;b&gt;" in said(card)
