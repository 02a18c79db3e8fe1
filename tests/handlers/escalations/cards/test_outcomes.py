"""The ledger, its picture and the cards around an escalation stay harmless and within limits, whatever was typed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers.charts import render
from handlers.escalations.cards import outcomes, peer_review
from handlers.escalations.cards.escalations import Way, card, redirect_form
from handlers.escalations.cards.outcomes import View, close_form, of_person, of_teams, picture
from rules.escalations.approvals import Answer
from rules.escalations.escalations import Advice, EscalationState, GapKind
from rules.escalations.outcomes import Asked, asked_of, by_type, tally
from rules.escalations.outcomes import ledger as counted
from rules.model.approval import Approving
from rules.model.tickets import Status
from storage.schema.escalations import Gap, Vote
from tests.desks import problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of

ENDS = (EscalationState.ACCEPTED, EscalationState.REJECTED)
ONE = Asked(1, "U0AGENT1", "network", "support", "network", ENDS[0], None, True, "VPN is down", NOW)


def view(text: str, people: int = 40) -> View:
    """Many people, each with a title and an end of their own, and as many gaps as there can be."""
    found = [
        replace(ONE, number=n, by=f"U0AGENT{n % people}", state=ENDS[n % 2], advice=list(Advice)[n % 5], title=text)
        for n in range(people * 12)
    ]
    names = {one.by: text for one in found}
    gaps = [
        Gap(
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
        for kind in GapKind
    ]
    first, last, theirs = date(2026, 7, 7), date(2026, 10, 5), asked_of(found)
    return View(counted(found, names, now=NOW), gaps, gaps, names, first, last, policy_of(text), asked=theirs)


def voted(text: str) -> list[Vote]:
    answers = (Answer.ACCEPTED, Answer.PASSED_OVER, None, None)
    return [
        Vote(place=at, person=f"U0EXPERT{at}", asked="U0AGENT1", answer=answer, answered_by="U0AGENT1", answered_at=NOW)
        for at, answer in enumerate(answers * 4)
    ]


@pytest.mark.parametrize("text", TYPED)
def test_the_ledger_of_a_large_team_fits(text: str) -> None:
    said = of_teams(view(text))

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert alarms((said.text, said.blocks)) == []


@pytest.mark.parametrize("text", TYPED)
def test_so_do_ones_own_and_the_form(text: str) -> None:
    seen = view(text, people=1)
    (team,) = seen.teams
    said = of_person("U0AGENT0", team.tally, team.types, seen)

    assert problems("message", {"text": said.text, "blocks": said.blocks}) == []
    assert problems("modal", close_form("support", "network", GapKind.FORM, seen.policy)) == []


@pytest.mark.parametrize("text", TYPED[:2])
def test_the_picture_is_drawn_and_said_in_words(text: str) -> None:
    seen = view(text, people=3)
    found = picture(seen.teams[0], seen)

    assert found is not None
    assert render.ledger(*found.values).startswith(b"\x89PNG")  # type: ignore[arg-type]
    assert len(found.alt) <= 1900


@pytest.mark.parametrize("text", TYPED)
@pytest.mark.parametrize("state", EscalationState)
def test_a_card_with_many_approvers_and_a_long_way_fits(text: str, state: EscalationState) -> None:
    policy, asked = policy_of(text), escalation_of(text, state)
    asked.approving, asked.comment, asked.redirected_to = Approving.IN_ORDER, text, "support"
    way = Way(answer=text, votes=voted(text), chain=[asked] * 9, reader="U0AGENT1")
    said = card(asked, ticket_of(text, Status.ESCALATED), clocks_of(policy), policy, NOW, way=way)
    first = peer_review.card(asked, ticket_of(text), policy)

    for one in (said, first):
        assert problems("message", {"text": one.text, "blocks": one.blocks}) == []
        assert alarms((one.text, one.blocks)) == []
    assert problems("modal", redirect_form(ticket_of(text), asked, policy)) == []
    assert problems("modal", peer_review.return_form(ticket_of(text), 1, policy)) == []


def test_nothing_rejected_gets_a_kind_word() -> None:
    assert outcomes.help_for(tally([ONE])) == "Nothing came back: what you send is what the experts need."


def test_the_most_frequent_reason_says_what_would_help() -> None:
    one = Asked(1, "U0A", "crm", "support", "apps", EscalationState.REJECTED, Advice.NOT_OURS, False, "x", NOW)
    found = [one, replace(one, number=2, at=NOW + timedelta(days=1))]

    assert outcomes.help_for(tally(found)).startswith("2 came back as “not ours”. When you are not sure whose it is")
    assert list(by_type(found)) == ["crm"]
