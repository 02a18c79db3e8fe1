"""The approval card carries its evidence, and once decided its verdict."""

import pytest

from handlers.cards.blocks import Message
from handlers.cards.escalations import Way, ask_back_form, card, escalate_form, reject_form
from rules.escalations import Advice, EscalationState
from rules.tickets import Status
from tests.desks import problems
from tests.handlers.cards.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of


def drawn(text: str = "Tunnel flaps", state: EscalationState = EscalationState.PENDING, answer: str = "") -> Message:
    policy = policy_of("Network")
    return card(
        escalation_of(text, state),
        ticket_of("VPN is down", Status.ESCALATED),
        clocks_of(policy),
        policy,
        NOW,
        way=Way(answer=answer),
    )


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("state", EscalationState)
def test_whatever_people_typed_the_card_is_harmless_and_within_limits(text: str, state: EscalationState) -> None:
    said = drawn(text, state, answer=text)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
def test_so_are_its_forms(text: str) -> None:
    ticket, policy = ticket_of(text), policy_of(text)
    forms = [escalate_form(ticket, policy), reject_form(ticket, 1, policy), ask_back_form(ticket, 1, policy)]

    assert [problems("modal", form) for form in forms] == [[], [], []]
    assert alarms(forms[0]["blocks"][0]) == []  # type: ignore[index]


def test_a_decided_card_keeps_its_evidence_and_loses_its_buttons() -> None:
    decided = escalation_of("Tunnel flaps", EscalationState.REJECTED)
    decided.advice, decided.comment = Advice.INFORMATION_MISSING, "Send the gateway log first."
    policy = policy_of("Network")

    said = str(card(decided, ticket_of("VPN is down"), clocks_of(policy), policy, NOW).blocks)

    assert "Tunnel flaps" in said
    assert "✗ Rejected by <@U0EXPERT1>" in said
    assert "information missing. “Send the gateway log first.”" in said
    assert "'actions'" not in said


def test_an_answer_stands_below_its_question() -> None:
    assert (
        "*Asked back:* Tunnel flaps\n*Answer:* Both of them." in drawn(answer="Both of them.").blocks[2]["text"]["text"]
    )
