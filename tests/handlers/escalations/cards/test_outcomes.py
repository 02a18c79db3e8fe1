"""The ledger, its picture and the cards around an escalation stay harmless and within limits, whatever was typed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.charts import render
from handlers.escalations.cards import outcomes, peer_review
from handlers.escalations.cards.escalations import EscalationDetails, escalation_card, redirect_form
from handlers.escalations.cards.outcomes import (
    OutcomesView,
    acceptance_chart_of,
    close_item_form,
    personal_outcomes,
    team_outcomes,
)
from rules.escalations.approvals import ApproverAnswer
from rules.escalations.escalations import EscalationState, ImprovementKind, RejectionReason
from rules.escalations.outcomes import EscalationRecord, count_outcomes, outcomes_by_expert_team, outcomes_by_type
from rules.escalations.outcomes import outcomes_by_team as counted
from rules.model.approval import ApprovalMode
from rules.model.tickets import Status
from storage.schema.escalations import ApproverRow, ImprovementItem
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of

ENDS = (EscalationState.ACCEPTED, EscalationState.REJECTED)
ONE = EscalationRecord(1, "U0AGENT1", "network", "support", "network", ENDS[0], None, True, "VPN is down", NOW)


def view(text: str, people: int = 40) -> OutcomesView:
    """Many people, each with a title and an end of their own, and as many gaps as there can be."""
    found = [
        replace(
            ONE,
            number=n,
            escalated_by=f"U0AGENT{n % people}",
            state=ENDS[n % 2],
            rejection_reason=list(RejectionReason)[n % 5],
            title=text,
        )
        for n in range(people * 12)
    ]
    names = {one.escalated_by: text for one in found}
    gaps = [
        ImprovementItem(
            team="support",
            type="network",
            kind=kind,
            opened_at=NOW,
            last_at=NOW,
            count=1000,
            tickets=list(range(8)),
            closed_by="U0MANAGER1",
            note=text,
        )
        for kind in ImprovementKind
    ]
    first, last, theirs = date(2026, 7, 7), date(2026, 10, 5), outcomes_by_expert_team(found)
    return OutcomesView(
        counted(found, names, now=NOW), gaps, gaps, names, first, last, policy_of(text), asked_of_experts=theirs
    )


def voted(text: str) -> list[ApproverRow]:
    answers = (ApproverAnswer.ACCEPTED, ApproverAnswer.PASSED_OVER, None, None)
    return [
        ApproverRow(
            place=at, person=f"U0EXPERT{at}", asked="U0AGENT1", answer=answer, answered_by="U0AGENT1", answered_at=NOW
        )
        for at, answer in enumerate(answers * 4)
    ]


@pytest.mark.parametrize("text", TYPED)
def test_the_ledger_of_a_large_team_fits(text: str) -> None:
    said = team_outcomes(view(text))

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
def test_so_do_ones_own_and_the_form(text: str) -> None:
    seen = view(text, people=1)
    (team,) = seen.teams
    said = personal_outcomes("U0AGENT0", team.outcomes, team.by_type, seen)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert problems("modal", close_item_form("support", "network", ImprovementKind.FORM, seen.policy)) == []


@pytest.mark.parametrize("text", TYPED[:2])
def test_the_picture_is_drawn_and_said_in_words(text: str) -> None:
    seen = view(text, people=3)
    found = acceptance_chart_of(seen.teams[0], seen)

    assert found is not None
    assert render.draw_acceptance_chart(*found.arguments).startswith(b"\x89PNG")  # type: ignore[arg-type]
    assert len(found.alt_text) <= 1900


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("state", EscalationState)
def test_a_card_with_many_approvers_and_a_long_way_fits(text: str, state: EscalationState) -> None:
    policy, asked = policy_of(text), escalation_of(text, state)
    asked.approving, asked.comment, asked.redirected_to = ApprovalMode.IN_ORDER, text, "support"
    way = EscalationDetails(answer=text, approvals=voted(text), earlier_rounds=[asked] * 9, recipient="U0AGENT1")
    said = escalation_card(asked, ticket_of(text, Status.ESCALATED), clocks_of(policy), policy, NOW, details=way)
    first = peer_review.peer_review_card(asked, ticket_of(text), policy)

    for one in (said, first):
        assert problems("message", {"text": one.text, "blocks": one.blocks}) == []
        assert alarms((one.text, one.blocks)) == []
    assert problems("modal", redirect_form(ticket_of(text), asked, policy)) == []
    assert problems("modal", peer_review.return_form(ticket_of(text), 1, policy)) == []


def test_nothing_rejected_gets_a_kind_word() -> None:
    assert outcomes.help_text(count_outcomes([ONE])) == "Nothing came back: what you send is what the experts need."


def test_the_most_frequent_reason_says_what_would_help() -> None:
    one = EscalationRecord(
        1, "U0A", "crm", "support", "apps", EscalationState.REJECTED, RejectionReason.NOT_OURS, False, "x", NOW
    )
    found = [one, replace(one, number=2, at=NOW + timedelta(days=1))]

    assert outcomes.help_text(count_outcomes(found)).startswith(
        "2 came back as “not ours”. When you are not sure whose it is"
    )
    assert list(outcomes_by_type(found)) == ["crm"]
