"""First line asks the experts, an expert rejects with advice, is asked again, and accepts."""

from typing import Any

from rules.intake.requests import TicketRequest
from services.tickets import tickets
from storage.tickets.tickets import get_ticket
from tests.desks import Office


def words(message: dict[str, Any]) -> str:
    return str(message["blocks"])


async def vpn(office: Office) -> int:
    """Ana files what Cleo told her; the card stands in #support."""
    asked = TicketRequest(title="VPN is down", requester="U0CLIENT1", registered_by="U0AGENT1", type="network")
    number = await office.desk.execute(tickets.create_ticket, asked)
    await office.settled()
    return number


async def escalate(office: Office) -> dict[str, Any]:
    """Ana escalates from the card; the approval card is what comes back."""
    ana = office.person("U0AGENT1")
    card = office.card("C0SUPPORT", "VPN is down")
    await ana.press("C0SUPPORT", card["ts"], "ticket.escalate")
    outcome = await ana.submit({"team": "network", "why": "Tunnel flaps", "tried": "restarted client"})
    assert not outcome.errors
    await office.settled()
    return office.app_messages("C0NETWORK")[-1]


async def test_the_experts_see_the_evidence_before_they_decide(office: Office) -> None:
    await vpn(office)

    approval = await escalate(office)

    for evidence in ("Tunnel flaps", "restarted client", "<@U0AGENT1>", "resolution due", "your answer due"):
        assert evidence in words(approval)


async def test_the_tickets_card_says_whose_answer_it_waits_for(office: Office) -> None:
    await vpn(office)

    await escalate(office)

    assert "Escalated to Network · Assignee <@U0AGENT1>" in words(office.card("C0SUPPORT", "VPN is down"))


async def test_a_rejection_brings_the_ticket_back_with_the_advice(office: Office) -> None:
    number = await vpn(office)
    approval = await escalate(office)
    eva = office.person("U0EXPERT1")

    await eva.press("C0NETWORK", approval["ts"], "escalation.reject")
    await eva.submit({"advice": "information_missing", "comment": "Send the gateway log first."})
    await office.settled()

    decided = office.card("C0NETWORK", "Escalation to Network")
    card = office.card("C0SUPPORT", "VPN is down")
    story = [one["text"] for one in office.person("U0AGENT1").thread("C0SUPPORT", card["ts"])]
    assert "✗ Rejected by <@U0EXPERT1>" in words(decided)
    assert "Accept" not in words(decided)
    assert "In progress · Assignee <@U0AGENT1>" in words(card)
    assert any("Send the gateway log first." in line for line in story)
    assert (await office.desk.read(get_ticket, number)).team == "support"


async def test_after_a_rejection_it_is_escalated_again_and_accepted(office: Office) -> None:
    number = await vpn(office)
    first = await escalate(office)
    eva = office.person("U0EXPERT1")
    await eva.press("C0NETWORK", first["ts"], "escalation.reject")
    await eva.submit({"advice": "other", "comment": "Try the other gateway."})
    await office.settled()
    second = await escalate(office)

    await eva.press("C0NETWORK", second["ts"], "escalation.accept")
    await office.settled()

    ticket = await office.desk.read(get_ticket, number)
    assert first["ts"] != second["ts"]
    assert (ticket.team, ticket.assignee) == ("network", "U0EXPERT1")


async def test_of_two_experts_who_press_at_once_one_decides_and_the_other_reads_who(office: Office) -> None:
    await vpn(office)
    approval = await escalate(office)
    eva, emil = office.person("U0EXPERT1"), office.person("U0EXPERT2")

    await eva.press("C0NETWORK", approval["ts"], "escalation.accept")
    late = await emil.press("C0NETWORK", approval["ts"], "escalation.accept")

    assert "already accepted by <@U0EXPERT1>" in late.ephemerals[0]["text"]


async def test_an_agent_who_presses_accept_reads_who_can(office: Office) -> None:
    await vpn(office)
    approval = await escalate(office)

    outcome = await office.person("U0AGENT2").press("C0NETWORK", approval["ts"], "escalation.accept")

    assert outcome.ephemerals[0]["text"] == "You cannot accept this escalation: experts and leads of Network can."


async def test_a_form_without_evidence_says_so_beside_the_field(office: Office) -> None:
    await vpn(office)
    ana = office.person("U0AGENT1")
    card = office.card("C0SUPPORT", "VPN is down")
    await ana.press("C0SUPPORT", card["ts"], "ticket.escalate")

    outcome = await ana.submit({"team": "network", "why": "Tunnel flaps", "tried": " "})

    assert outcome.errors == {"tried": "The experts need this to decide. Write a sentence."}
