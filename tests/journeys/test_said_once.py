"""Whatever is said, pressed or sent twice is done once, and everybody is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from bot.emulator.events import payloads
from bot.emulator.types import Json
from bot.runtime.assembly import assemble_baton
from bot.runtime.delivery import Delivery
from rules.model.tickets import Status
from storage.events import ticket_history
from storage.schema.tickets import Ticket
from storage.tickets.tickets import get_ticket, open_numbers
from tests.desks import Office, served

ANA, BEN, CLEO = "U0AGENT1", "U0AGENT2", "U0CLIENT1"
SUPPORT, GENERAL = "C0SUPPORT", "C0GENERAL"
FORM = {"title": "VPN is down", "type": "network", "priority": "high"}


async def numbers(office: Office) -> list[int]:
    return list(await office.desk.read(open_numbers))


async def ticket(office: Office, number: int = 1) -> Ticket:
    return await office.desk.read(get_ticket, number)


async def happened(office: Office, number: int = 1) -> list[str]:
    return [event.kind for event in await office.desk.read(ticket_history, number)]


def sent(office: Office, name: str) -> Json:
    """The newest payload of this name that Slack sent, as it was sent."""
    entries = [
        one for one in office.emulator.traffic.entries_after(0) if one["direction"] == "out" and one["name"] == name
    ]
    body: Json = entries[-1]["body"]
    return body


async def again(office: Office, name: str) -> None:
    """Slack sends the newest of these events once more."""
    office.emulator.delivery.send_event(sent(office, name))
    await office.settled()


async def once_more(office: Office, kind: str, name: str) -> Any:  # noqa: ANN401 - whatever the app answers
    """The newest of these arrives a second time; what the app answered to it."""
    answer = await office.emulator.delivery.send_interaction(kind, sent(office, name))
    await office.settled()
    assert answer.error is None
    return answer.body


async def test_a_mention_told_twice_is_one_ticket_with_one_answer(office: Office) -> None:
    cleo = office.person(CLEO)
    said = await cleo.say(GENERAL, "@baton the VPN is down")
    await office.settled()

    await again(office, "app_mention")
    await again(office, "message")

    answers = [one["text"] for one in cleo.thread(GENERAL, said["ts"])[1:]]
    assert await numbers(office) == [1]
    assert ["Created #1" in words for words in answers] == [True]


async def test_a_word_in_a_thread_told_twice_is_kept_once(office: Office) -> None:
    await office.file("VPN is down")
    ben = office.person(BEN)
    await ben.say(SUPPORT, "Third time this week.", office.card(SUPPORT, "VPN is down")["ts"])
    await office.settled()

    await again(office, "message")

    assert (await happened(office)).count("noted") == 1


async def test_a_double_click_takes_it_once(office: Office) -> None:
    await office.file("VPN is down")
    ts = office.card(SUPPORT, "VPN is down")["ts"]
    ana = office.person(ANA)

    both = await asyncio.gather(ana.press(SUPPORT, ts, "ticket.take"), ana.press(SUPPORT, ts, "ticket.take"))
    await office.settled()

    assert [(outcome.ok, outcome.ephemerals) for outcome in both] == [(True, []), (True, [])]
    assert (await happened(office)).count("taken") == 1


async def test_of_two_people_who_take_it_at_once_one_has_it_and_the_other_reads_who(office: Office) -> None:
    await office.file("VPN is down")
    ts = office.card(SUPPORT, "VPN is down")["ts"]
    ana, ben = office.person(ANA), office.person(BEN)

    both = await asyncio.gather(ana.press(SUPPORT, ts, "ticket.take"), ben.press(SUPPORT, ts, "ticket.take"))

    holder = (await ticket(office)).assignee
    told = [one["text"] for outcome in both for one in outcome.ephemerals]
    assert holder in (ANA, BEN)
    assert told == [f"#1 is already assigned to <@{holder}>."]


async def test_a_double_click_on_file_it_anyway_files_it_once(office: Office) -> None:
    cleo = office.person(CLEO)
    ts = (await cleo.command(GENERAL, "/ticket", "lst")).ephemerals[0]["ts"]

    await asyncio.gather(*(cleo.press(GENERAL, ts, "ticket.file_anyway") for _ in range(2)))
    await office.settled()

    assert await numbers(office) == [1]
    assert "#1" in cleo.visible_messages(GENERAL)[-1]["text"]


async def test_the_same_form_sent_twice_at_once_is_one_ticket(office: Office) -> None:
    cleo = office.person(CLEO)
    await cleo.command(GENERAL, "/ticket")
    assert cleo.view is not None
    view = {**cleo.view, "state": {"values": _filled(cleo.view)}}
    payload = payloads.view_submission_payload(office.emulator.workspace, cleo.user, view)

    interact = office.emulator.delivery.send_interaction
    both = await asyncio.gather(interact("interactive", payload), interact("interactive", payload))
    await office.settled()

    assert [answer.error for answer in both] == [None, None]
    assert await numbers(office) == [1]
    assert {one["text"].partition(" ·")[0] for one in cleo.visible_messages(GENERAL)} == {"Created #1 VPN is down"}


async def test_a_solution_sent_twice_reaches_the_customer_once(office: Office) -> None:
    await office.file("VPN is down", by=CLEO)
    ana, cleo = office.person(ANA), office.person(CLEO)
    await ana.press(SUPPORT, office.card(SUPPORT, "VPN is down")["ts"], "ticket.resolve")
    await ana.submit({"solution": "Restarted the gateway."})
    await office.settled()

    await once_more(office, "interactive", "form.resolve")

    told = [
        one["text"]
        for one in cleo.visible_messages(cleo.dm_channel("U0BATON"))
        if "Restarted the gateway." in one["text"]
    ]
    assert len(told) == 1
    assert (await ticket(office)).status is Status.RESOLVED


async def test_a_command_that_arrives_twice_is_answered_twice_the_same(office: Office) -> None:
    first = await office.file("VPN is down")

    answer = await once_more(office, "slash_commands", "/ticket")

    assert answer["text"] == first.ephemerals[0]["text"]
    assert await numbers(office) == [1]


async def test_a_command_typed_twice_at_once_is_one_ticket(office: Office) -> None:
    ana = office.person(ANA)

    await asyncio.gather(*(ana.command(SUPPORT, "/ticket", "VPN is down") for _ in range(2)))
    await office.settled()

    answers = sorted(
        one["text"].partition(" VPN")[0] for one in ana.visible_messages(SUPPORT) if one.get("is_ephemeral")
    )
    assert answers == ["Already created as #1 a moment ago.", "Created #1"]
    assert await numbers(office) == [1]


async def test_a_command_typed_again_is_the_same_for_ten_seconds_and_asked_about_after_them(office: Office) -> None:
    await office.file("VPN is down")
    office.clock.forward(seconds=10)
    within = await office.file("VPN is down")
    office.clock.forward(seconds=10.001)

    after = await office.file("VPN is down")

    assert within.ephemerals[0]["text"] == "Already created as #1 a moment ago."
    assert "is this the same as #1?" in after.ephemerals[0]["text"]
    assert await numbers(office) == [1]


async def test_what_arrives_again_after_a_restart_is_answered_as_the_first_time(office: Office) -> None:
    first = await office.file("VPN is down")
    said = await office.person(CLEO).say(GENERAL, "@baton the printer is jammed")
    await office.settled()

    async with restarted(office) as delivery:
        answer = await once_more(office, "slash_commands", "/ticket")
        await again(office, "app_mention")
        await delivery.wait_until_idle()

    assert answer["text"] == first.ephemerals[0]["text"]
    assert await numbers(office) == [1, 2]
    assert len(office.app_messages(SUPPORT)) == 2
    assert len(office.person(CLEO).thread(GENERAL, said["ts"])) == 2


@asynccontextmanager
async def restarted(office: Office) -> AsyncIterator[Delivery]:
    """Another Baton on the same database answers from now on."""
    signed = {"slack_app_token": None, "slack_signing_secret": SecretStr("local-secret"), "port": 0}
    settings = office.settings.model_copy(update=signed)
    async with assemble_baton(settings, clock=office.clock, pace=0) as baton, served(baton, office.emulator, settings):
        yield baton.delivery


def _filled(view: Json) -> Json:
    values: Json = {block: dict(elements) for block, elements in view["state"]["values"].items()}
    values["title"]["title"] = {"type": "plain_text_input", "value": FORM["title"]}
    return values
