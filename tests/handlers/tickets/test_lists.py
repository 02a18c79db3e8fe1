"""People look: at one ticket, at its story, at lists."""

from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from services.tickets import tickets
from tests.desks import Office


def said(message: dict[str, Any]) -> str:
    return f"{message['text']}{message.get('blocks')}"


async def vpn(office: Office, *, title: str = "VPN is down", by: str = "U0CLIENT1") -> int:
    request = TicketRequest(title=title, requester=by, registered_by=by, type="network")
    return await office.desk.execute(tickets.create_ticket, request)


async def looked(office: Office, text: str, *, by: str) -> str:
    outcome = await office.person(by).command("C0GENERAL", "/ticket", text)
    assert outcome.ok
    return said(outcome.ephemerals[0])


async def test_an_agent_sees_the_card_with_its_buttons(office: Office) -> None:
    await vpn(office)

    shown = await looked(office, "1", by="U0AGENT1")

    assert "VPN is down" in shown
    assert "ticket.take" in shown


async def test_the_requester_sees_it_without_the_teams_buttons(office: Office) -> None:
    await vpn(office)

    shown = await looked(office, "#1", by="U0CLIENT1")

    assert "VPN is down" in shown
    assert "ticket.take" not in shown


@pytest.mark.parametrize("by", ["U0EXPERT1", "U0CLIENT1"])
async def test_someone_elses_ticket_reads_as_if_it_were_not_there(office: Office, by: str) -> None:
    await vpn(office, by="U0AGENT1")

    assert await looked(office, "1", by=by) == (await looked(office, "999", by=by)).replace("#999", "#1")


async def opened(office: Office, *, by: str) -> str:
    """Somebody shows ticket 1 and opens it."""
    person = office.person(by)
    outcome = await person.command("C0GENERAL", "/ticket", "1")
    shown = outcome.ephemerals[0]
    button = "ticket.open" if "ticket.open" in said(shown) else ""
    assert button, "no way to open it"
    await person.press("C0GENERAL", shown["ts"], button)
    return str(person.view)


async def told(office: Office) -> None:
    await vpn(office)
    await office.desk.execute(tickets.add_note, 1, by="U0AGENT1", text="They forgot to pay.")
    await office.desk.execute(tickets.reply, 1, by="U0AGENT1", text="We look into it.")


async def test_the_requester_reads_the_story_without_internal_notes(office: Office) -> None:
    await told(office)

    page = await opened(office, by="U0CLIENT1")

    assert "We look into it." in page
    assert "They forgot to pay." not in page


async def test_the_team_reads_the_whole_story(office: Office) -> None:
    await told(office)
    lena = office.person("U0LEAD1")
    outcome = await lena.command("C0GENERAL", "/ticket", "list all")

    await lena.press("C0GENERAL", outcome.ephemerals[0]["ts"], "ticket.open")

    assert "We look into it." in str(lena.view)
    assert "They forgot to pay." in str(lena.view)


async def test_a_list_is_turned_in_place(office: Office) -> None:
    for number in range(1, 13):
        await vpn(office, title=f"Printer {number:02}")
    ana = office.person("U0AGENT1")
    outcome = await ana.command("C0GENERAL", "/ticket", "list unassigned")
    first = outcome.ephemerals[0]

    await ana.press("C0GENERAL", first["ts"], "list.page")

    shown = ana.visible_messages("C0GENERAL")
    assert len(shown) == 1
    assert "12 unassigned, 11-12 shown" in said(shown[0])
    assert "Printer 11" in said(shown[0])
    assert "Printer 10" not in said(shown[0])


async def test_and_turned_back(office: Office) -> None:
    for number in range(1, 13):
        await vpn(office, title=f"Printer {number:02}")
    ana = office.person("U0AGENT1")
    outcome = await ana.command("C0GENERAL", "/ticket", "list unassigned")
    ts = outcome.ephemerals[0]["ts"]
    await ana.press("C0GENERAL", ts, "list.page")

    await ana.press("C0GENERAL", ts, "list.back")

    assert "12 unassigned, 1-10 shown" in said(ana.visible_messages("C0GENERAL")[0])


async def test_an_empty_list_leads_to_the_unassigned(office: Office) -> None:
    await vpn(office)
    ana = office.person("U0AGENT1")
    outcome = await ana.command("C0GENERAL", "/ticket", "list")
    empty = outcome.ephemerals[0]
    assert "No tickets assigned to you." in said(empty)

    await ana.press("C0GENERAL", empty["ts"], "list.page")

    assert "1 unassigned" in said(ana.visible_messages("C0GENERAL")[0])


async def test_a_requester_lists_their_own(office: Office) -> None:
    await vpn(office, title="Mine")
    await vpn(office, title="Not mine", by="U0AGENT1")

    shown = await looked(office, "list all", by="U0CLIENT1")

    assert "Mine" in shown
    assert "Not mine" not in shown


async def test_who_has_asked_for_nothing_reads_how_to_begin(office: Office) -> None:
    shown = await looked(office, "list all", by="U0CLIENT1")

    assert "You have no requests yet." in shown
    assert "New ticket" in shown


async def test_a_button_of_an_older_list_says_so(office: Office) -> None:
    ana = office.person("U0AGENT1")
    outcome = await ana.command("C0GENERAL", "/ticket", "list")
    question = outcome.ephemerals[0]
    for block in question["blocks"]:
        for element in block.get("elements", []):
            element["value"] = "yesterday"

    pressed = await ana.press("C0GENERAL", question["ts"], "list.page")

    assert "from an older version" in said(pressed.ephemerals[0])


async def test_a_list_asked_for_from_another_card_leaves_the_card_where_it_is(office: Office) -> None:
    ana = office.person("U0AGENT1")
    outcome = await ana.command("C0GENERAL", "/ticket", "help")

    await ana.press("C0GENERAL", outcome.ephemerals[0]["ts"], "list.page")

    help_, shown = ana.visible_messages("C0GENERAL")
    assert "Create a ticket" in said(help_)
    assert "No tickets assigned to you." in said(shown)


async def test_a_list_opened_from_home_is_turned_in_its_own_page(office: Office) -> None:
    for number in range(1, 32):
        await vpn(office, title=f"Printer {number:02}")
    cleo = office.person("U0CLIENT1")
    await cleo.open_home()
    await office.settled()
    await cleo.press_view("list.page", home=True)

    for _ in range(3):
        await cleo.press_view("list.page")

    assert len(cleo.views) == 1
    assert "Your open requests: 31, 31-31 shown" in str(cleo.view)
