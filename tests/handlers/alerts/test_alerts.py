"""The alert in the channel: one card, edited in place, answered with its buttons."""

from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from services import summaries
from services.alerts import sweep as sla
from services.escalations import escalations
from services.tickets import tickets
from tests.desks import Office

VPN = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")


async def sweep(office: Office) -> None:
    await office.desk.execute(sla.send_due_alerts)
    await office.settled()
    office.clock.forward(seconds=2)  # what one sweep finds for a person is one message
    await office.settled()


async def warned(office: Office) -> dict[str, Any]:
    """The VPN ticket has used half of the time for its first reply."""
    await office.desk.execute(tickets.create_ticket, VPN)
    office.clock.forward(minutes=15)
    await sweep(office)
    return office.card("C0SUPPORT", "First reply due in 15 min")


def direct(office: Office, user: str) -> list[str]:
    """What the app wrote to this person by direct message."""
    person = office.person(user)
    return [one["text"] for one in person.visible_messages(person.dm_channel("U0BATON"))]


def words(message: dict[str, Any]) -> str:
    return str(message["blocks"])


async def test_the_warning_becomes_the_breach_on_the_same_card(office: Office) -> None:
    warning = await warned(office)
    office.clock.forward(minutes=20)

    await sweep(office)

    assert office.card("C0SUPPORT", "#1 · First reply SLA breached")["ts"] == warning["ts"]


async def test_at_breach_the_tickets_own_card_says_so_too(office: Office) -> None:
    await warned(office)
    office.clock.forward(minutes=20)

    await sweep(office)

    assert "⚠️ First reply SLA breached, was due" in words(office.card("C0SUPPORT", "Requester"))


async def test_who_takes_it_from_the_alert_has_it(office: Office) -> None:
    alert = await warned(office)

    await office.person("U0AGENT1").press("C0SUPPORT", alert["ts"], "ticket.take")
    await office.settled()

    card = office.card("C0SUPPORT", "First reply due in")
    assert "In progress · Assignee <@U0AGENT1>" in words(card)
    assert "Take" not in words(card)


async def test_a_snooze_shows_on_the_card_and_in_the_story(office: Office) -> None:
    alert = await warned(office)

    await office.person("U0AGENT2").press("C0SUPPORT", alert["ts"], "alert.snooze")
    await office.settled()

    card = office.card("C0SUPPORT", "Requester")
    story = [one["text"] for one in office.person("U0AGENT1").thread("C0SUPPORT", card["ts"])]
    assert "Snoozed by <@U0AGENT2>" in words(office.card("C0SUPPORT", "First reply due in"))
    assert any("<@U0AGENT2> snoozed the alert" in line for line in story)


async def test_an_observer_reads_who_can_snooze(office: Office) -> None:
    alert = await warned(office)

    outcome = await office.person("U0OBSERVER1").press("C0SUPPORT", alert["ts"], "alert.snooze")

    assert "You cannot silence the alerts of this ticket: " in outcome.ephemerals[0]["text"]


async def test_once_the_reply_is_given_the_alert_has_no_buttons(office: Office) -> None:
    alert = await warned(office)
    await office.desk.execute(tickets.reply, 1, by="U0AGENT1", text="We are looking.")

    await office.settled()

    card = office.card("C0SUPPORT", "#1 · First reply at")
    assert card["ts"] == alert["ts"]
    assert "actions" not in [block["type"] for block in card["blocks"]]


@pytest.mark.parametrize("minutes", [15, 35])
async def test_an_escalated_ticket_is_answered_from_its_alert(office: Office, minutes: int) -> None:
    """Due soon, and breached."""
    await office.desk.execute(tickets.create_ticket, VPN)
    await office.desk.execute(tickets.take, 1, by="U0AGENT1")
    await office.desk.execute(
        escalations.escalate, 1, by="U0AGENT1", team="network", why="Tunnel flaps", tried="restarted client"
    )
    office.clock.forward(minutes=minutes)
    await sweep(office)
    alert = office.card("C0SUPPORT", "#1 · Expert answer")
    assert "Also: First reply" in words(alert)

    await office.person("U0AGENT1").press("C0SUPPORT", alert["ts"], "ticket.reply")
    await office.person("U0AGENT1").submit({"text": "The experts look at it."})
    await office.settled()

    assert "First reply" not in words(office.card("C0SUPPORT", "#1 · Expert answer"))


async def test_the_lead_reads_of_the_breach_by_direct_message(office: Office) -> None:
    await warned(office)
    office.clock.forward(minutes=20)

    await sweep(office)

    assert any("#1 · First reply SLA breached" in text for text in direct(office, "U0LEAD1"))


async def test_the_summary_reaches_the_channel_and_each_agent(office: Office) -> None:
    await office.desk.execute(tickets.take, await office.desk.execute(tickets.create_ticket, VPN), by="U0AGENT1")
    office.clock.forward(hours=7)

    await office.desk.execute(summaries.send_summaries)
    await office.settled()

    assert "Created 1 · Resolved 0 · Backlog 1 (⚠️ 1 breached)" in words(office.card("C0SUPPORT", "Backlog"))
    assert any(text.startswith("Your day in Support: 1 open") for text in direct(office, "U0AGENT1"))


async def test_a_summary_stays_as_it_was_told(office: Office) -> None:
    office.clock.forward(hours=7)
    await office.desk.execute(summaries.send_summaries)
    await office.settled()
    told = office.card("C0SUPPORT", "Backlog")

    await office.desk.execute(tickets.create_ticket, VPN)
    await office.desk.execute(summaries.send_summaries)
    await office.settled()

    assert office.card("C0SUPPORT", "Backlog") == told


async def test_when_an_edit_pings_nobody_the_one_who_has_it_is_told(office: Office) -> None:
    await office.desk.execute(tickets.create_ticket, VPN)
    await office.desk.execute(tickets.take, 1, by="U0AGENT1")
    office.clock.forward(minutes=15)
    await sweep(office)
    first = len([text for text in direct(office, "U0AGENT1") if "#1 · First reply" in text])
    office.clock.forward(minutes=9)

    await sweep(office)

    assert (first, len([text for text in direct(office, "U0AGENT1") if "#1 · First reply" in text])) == (0, 1)


async def test_a_snooze_that_is_over_is_not_on_the_card_any_more(office: Office) -> None:
    alert = await warned(office)
    await office.person("U0AGENT2").press("C0SUPPORT", alert["ts"], "alert.snooze")
    office.clock.forward(minutes=31)

    await sweep(office)

    assert "Snoozed by" not in words(office.card("C0SUPPORT", "#1 · First reply SLA breached"))
