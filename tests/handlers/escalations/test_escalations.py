"""Experts decide from their card: one decision, and everyone sees it."""

from typing import Any

from bot.emulator.people.participant import Outcome
from tests.desks import Office
from tests.handlers.vpn import ANA, EMIL, EVA, LEO, NETWORK, buttons, card, direct, filed, presses, says, story, submits


async def asked(office: Office) -> dict[str, Any]:
    """Ana asks Network from the card; the newest approval card."""
    await presses(office, ANA, "ticket.escalate")
    outcome = await submits(office, ANA, team="network", why="Tunnel flaps", tried="restarted client")
    assert not outcome.errors
    return approvals(office)[-1]


def approvals(office: Office) -> list[dict[str, Any]]:
    return [one for one in office.app_messages(NETWORK) if "Escalation" in one["text"]]


async def decides(office: Office, who: str, button: str, approval: dict[str, Any]) -> Outcome:
    outcome = await office.person(who).press(NETWORK, approval["ts"], button)
    await office.settled()
    return outcome


async def test_accepted_both_cards_say_so_and_the_experts_have_the_tickets_card(office: Office) -> None:
    await filed(office)
    approval = await asked(office)

    await decides(office, EVA, "escalation.accept", approval)

    assert "accepted by <@U0EXPERT1>" in approvals(office)[0]["text"]
    assert "In progress, assignee <@U0EXPERT1>" in card(office)["text"]
    assert "In progress, assignee <@U0EXPERT1>" in office.card(NETWORK, "Ticket #1")["text"]


async def test_the_second_press_reads_who_decided_and_sees_the_decided_card(office: Office) -> None:
    await filed(office)
    approval = await asked(office)
    await decides(office, EVA, "escalation.accept", approval)
    office.emulator.workspace.channels[NETWORK].messages[approval["ts"]] = approval  # Emil's phone still shows it

    outcome = await decides(office, EMIL, "escalation.reject", approval)

    assert outcome.view is None
    assert outcome.ephemerals[0]["text"] == "The escalation of #1 is already accepted by <@U0EXPERT1>."


async def test_who_typed_a_reason_too_late_reads_who_decided_and_keeps_the_words(office: Office) -> None:
    await filed(office)
    approval = await asked(office)
    await decides(office, EMIL, "escalation.reject", approval)
    await decides(office, EVA, "escalation.accept", approval)

    outcome = await submits(office, EMIL, advice="not_ours", comment="Ask the provider, it is their line.")

    assert "already accepted by <@U0EXPERT1>" in str(outcome.view)
    assert "Ask the provider, it is their line." in str(outcome.view)


async def test_asked_back_and_answered_the_experts_read_the_answer_on_their_card(office: Office) -> None:
    await filed(office)
    approval = await asked(office)
    await decides(office, EVA, "escalation.ask_back", approval)
    await submits(office, EVA, question="Which gateway?")

    await says(office, ANA, "C0SUPPORT", "Both of them.", thread=card(office)["ts"])

    now = str(approvals(office)[0]["blocks"])
    assert "Which gateway?" in story(office)[-3] + story(office)[-2]
    assert "*Answer:* Both of them." in now
    assert "your answer due" in now


async def test_rejected_and_asked_again_there_is_a_second_card_and_a_lead_accepts_it(office: Office) -> None:
    await filed(office)
    approval = await asked(office)
    await decides(office, EVA, "escalation.reject", approval)
    await submits(office, EVA, advice="information_missing", comment="Send the gateway log first.")

    second = await asked(office)
    await decides(office, LEO, "escalation.accept", second)

    assert ["rejected" in approvals(office)[0]["text"], "accepted" in approvals(office)[1]["text"]] == [True, True]
    assert "In progress, assignee <@U0LEAD2>" in card(office)["text"]


async def test_resolved_first_the_experts_card_says_it_is_withdrawn(office: Office) -> None:
    await filed(office)
    await asked(office)

    await presses(office, ANA, "ticket.resolve")
    await submits(office, ANA, solution="Restarted the gateway.")

    assert "Withdrawn" in str(approvals(office)[0]["blocks"])
    assert buttons(approvals(office)[0]) == []


async def test_a_second_question_is_refused_before_anyone_types_evidence(office: Office) -> None:
    await filed(office)
    old = card(office)
    await asked(office)
    office.emulator.workspace.channels["C0SUPPORT"].messages[old["ts"]] = old

    outcome = await presses(office, ANA, "ticket.escalate")

    assert "<@U0AGENT1> already escalated #1" in outcome.ephemerals[0]["text"]
    assert outcome.view is None


async def test_who_asked_is_told_of_the_question(office: Office) -> None:
    await filed(office)
    approval = await asked(office)

    await decides(office, EVA, "escalation.ask_back", approval)
    await submits(office, EVA, question="Which gateway?")

    assert "Which gateway?" in direct(office, ANA)[-1]["text"]
