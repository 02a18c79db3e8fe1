"""The approval card carries its evidence, and once decided its verdict."""

import re
from dataclasses import replace

import pytest

from handlers.escalations.cards.escalations import (
    EscalationDetails,
    escalate_form,
    escalation_card,
    reject_form,
    request_info_form,
)
from handlers.slack.blocks import Message
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, RejectionReason
from rules.model.approval import ApprovalMode
from rules.model.policy import SupportLine, Team
from rules.model.tickets import Status
from storage.schema.escalations import ApproverRow
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of


def drawn(text: str = "Tunnel flaps", state: EscalationState = EscalationState.PENDING, answer: str = "") -> Message:
    policy = policy_of("Network")
    return escalation_card(
        escalation_of(text, state),
        ticket_of("VPN is down", Status.ESCALATED),
        clocks_of(policy),
        policy,
        NOW,
        details=EscalationDetails(answer=answer),
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
    forms = [escalate_form(ticket, policy), reject_form(ticket, 1, policy), request_info_form(ticket, 1, policy)]

    assert [problems("modal", form) for form in forms] == [[], [], []]
    assert alarms(forms[0]["blocks"][0]) == []


def test_a_decided_card_keeps_its_evidence_and_loses_its_buttons() -> None:
    decided = escalation_of("Tunnel flaps", EscalationState.REJECTED)
    decided.advice, decided.comment = RejectionReason.INFORMATION_MISSING, "Send the gateway log first."
    policy = policy_of("Network")

    said = str(escalation_card(decided, ticket_of("VPN is down"), clocks_of(policy), policy, NOW).blocks)

    assert "Tunnel flaps" in said
    assert re.search(r"✗ Rejected by <@U0EXPERT1> <!date\^[^>]*> \(after 17 min\): information missing\.", said)
    assert "information missing. “Send the gateway log first.”" in said
    assert "'actions'" not in said


def test_an_answer_stands_below_its_question() -> None:
    assert (
        "*Information requested:* Tunnel flaps\n*Answer:* Both of them."
        in drawn(answer="Both of them.").blocks[2]["text"]["text"]
    )


def verbs(teams: int, way: EscalationDetails, approving: ApprovalMode | None = None) -> tuple[list[str], str]:
    """The buttons of a card that waits, with so many expert teams, and what is read of it."""
    policy, asked = policy_of("Network"), escalation_of("Tunnel flaps")
    asked.approving = approving
    others = {f"other{at}": Team(f"other{at}", "Other", line=SupportLine.EXPERT) for at in range(1, teams)}
    wider = replace(policy, teams={**policy.teams, **others})
    said = escalation_card(
        asked, ticket_of("VPN is down", Status.ESCALATED), clocks_of(policy), wider, NOW, details=way
    )
    rows = [block["elements"] for block in said.blocks if block["type"] == "actions"]
    return [one["text"]["text"] for row in rows for one in row], str(said.blocks)


def test_it_is_sent_on_only_where_there_are_other_experts_who_have_not_sent_it_here() -> None:
    here = escalation_of("Tunnel flaps")
    here.team, here.comment = "other1", "Not ours."

    assert verbs(1, EscalationDetails())[0] == ["Accept", "Reject…", "Request info…", "Open"]
    assert verbs(2, EscalationDetails())[0] == ["Accept", "Reject…", "Request info…", "Redirect…", "Open"]
    assert verbs(2, EscalationDetails(earlier_rounds=[here]))[0] == ["Accept", "Reject…", "Request info…", "Open"]


def test_who_is_asked_by_name_beside_all_experts_is_named() -> None:
    leo = ApproverRow(place=1, person="U0LEAD2", asked="U0LEAD2")

    said = verbs(1, EscalationDetails(approvals=[leo]), ApprovalMode.ANY)[1]

    assert "The first answer decides: ⏳ waiting for <@U0LEAD2>" in said


@pytest.mark.parametrize(("reader", "buttons"), [("U0EXPERT1", 4), ("U0AGENT2", 4), ("U0EXPERT2", 1), ("U0LEAD2", 1)])
def test_the_buttons_are_for_who_is_asked_and_for_who_is_back(reader: str, buttons: int) -> None:
    votes = [
        ApproverRow(place=1, person="U0EXPERT1", asked="U0AGENT2"),
        ApproverRow(
            place=2, person="U0EXPERT2", asked="U0EXPERT2", answer=ApproverAnswer.ACCEPTED, answered_by="U0EXPERT2"
        ),
    ]

    assert len(verbs(1, EscalationDetails(approvals=votes, recipient=reader), ApprovalMode.ALL)[0]) == buttons
