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
LONG_AGO = NOW - timedelta(days=60)


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
        counted(found, names, now=NOW),
        gaps[:3],
        gaps[:3],
        names,
        first,
        last,
        policy_of(text),
        asked_of_experts=theirs,
        item_counts=(5, 5),
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
    said = personal_outcomes(team.outcomes, team.by_type, seen)

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
    assert str(outcomes.help_text(count_outcomes([ONE]))) == (
        "None was rejected: your escalations have what the experts need."
    )


def test_the_most_frequent_reason_says_what_would_help() -> None:
    one = EscalationRecord(
        1, "U0A", "crm", "support", "apps", EscalationState.REJECTED, RejectionReason.NOT_OURS, False, "x", NOW
    )
    found = [one, replace(one, number=2, at=NOW + timedelta(days=1))]

    assert str(outcomes.help_text(count_outcomes(found))).startswith(
        "2 were rejected: not ours. When you are not sure which team is responsible"
    )
    assert list(outcomes_by_type(found)) == ["crm"]


def test_what_is_not_shown_is_counted() -> None:
    same = [replace(ONE, number=type_ * 10 + n, type=f"type{type_}") for type_ in range(9) for n in range(10)]
    others = [replace(ONE, number=100 + n, team=f"team{n}", type="type0") for n in range(8)]
    to_others = [replace(ONE, number=200 + n, experts=f"other{n}", type="type0", at=LONG_AGO) for n in range(4)]
    seen = replace(
        view("Alpha", people=1),
        teams=counted([*same, *others, *to_others], {}, now=NOW),
        asked_of_experts=outcomes_by_expert_team([*same, *others, *to_others]),
        item_counts=(12, 7),
    )

    support, text = team_outcomes(replace(seen, teams=seen.teams[:1])), str(team_outcomes(seen))

    assert "#6, #7 and 2 more). With the solution" in str(support)
    assert "and 6 more like these" in str(support)
    assert "and 3 more types" in str(support)
    assert "type2 10 of 10 and 6 more" in str(support)
    assert "\\nand 3 more teams'" in text  # that asked one expert team
    assert text.count("and 2 more teams: `/report escalations team NAME`") == 2  # of the experts: the blocks, the text
    assert text.count("and 6 more teams: `/report escalations team NAME`") == 2
    assert "and 9 more gaps" in text
    assert "and 4 more fixed" in text


def test_every_escalation_is_in_one_of_the_counts() -> None:
    states = [replace(ONE, state=state) for state in EscalationState]

    assert str(outcomes.outcome_counts(count_outcomes([*states, replace(ONE, is_own_decision=True)]))) == (
        "9 escalated: 1 accepted, 1 rejected, 1 redirected to other experts, 1 decided by the person who escalated, "
        "1 withdrawn, 1 returned in peer review, 1 imported without a result, 3 undecided; "
        "more information requested for 10"
    )
