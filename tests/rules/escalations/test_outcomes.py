"""What became of escalations: the team first, few answers say little, nobody is ranked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.escalations.escalations import EscalationState, RejectionReason
from rules.escalations.outcomes import (
    EscalationRecord,
    TeamComparison,
    TeamOutcomes,
    are_titles_alike,
    compare_with_team,
    count_outcomes,
    find_recurring,
    needs_peer_review,
    outcomes_by_expert_team,
    outcomes_by_team,
)
from rules.model.policy import PeerReviewRule
from rules.statistics import wilson_interval

NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
ACCEPTED, REJECTED, REDIRECTED = EscalationState.ACCEPTED, EscalationState.REJECTED, EscalationState.REDIRECTED
ANA, BEN = "U0AGENT1", "U0AGENT2"
NAMES = {ANA: "Ana", BEN: "Ben"}


def asked(
    many: int, state: EscalationState = ACCEPTED, *, by: str = ANA, title: str = "VPN is down"
) -> list[EscalationRecord]:
    reason = RejectionReason.NOT_OURS if state is REJECTED else None
    one = EscalationRecord(0, by, "network", "support", "network", state, reason, False, title, NOW)
    return [replace(one, number=number) for number in range(1, many + 1)]


def of_support(found: Sequence[EscalationRecord]) -> TeamOutcomes:
    (only,) = outcomes_by_team(found, NAMES, now=NOW)
    return only


def test_the_share_is_of_what_was_answered_with_its_range() -> None:
    told = count_outcomes(asked(9) + asked(3, REJECTED) + asked(2, EscalationState.WITHDRAWN))

    assert (told.escalated, told.answered, told.accepted_share, told.withdrawn) == (14, 12, 0.75, 2)
    assert told.accepted_interval == wilson_interval(9, 12)


def test_a_question_that_was_sent_on_is_counted_once() -> None:
    told = count_outcomes(asked(1, REDIRECTED) + asked(1))

    assert (told.escalated, told.redirected, told.answered) == (1, 1, 1)


def test_what_experts_were_asked_is_told_by_the_teams_that_asked() -> None:
    sales = [replace(one, team="sales") for one in asked(3)]
    returned = asked(4, EscalationState.RETURNED) + asked(1, EscalationState.IN_PEER_REVIEW)

    (network,) = outcomes_by_expert_team([*asked(2), *asked(5, REJECTED), *sales, *returned])

    assert (network.expert_team, network.outcomes.escalated, network.outcomes.rejected) == ("network", 10, 5)
    assert {team: (told.accepted, told.answered) for team, told in network.by_asking_team.items()} == {
        "sales": (3, 3),
        "support": (2, 7),
    }


def test_rejections_are_counted_by_their_reason() -> None:
    assert count_outcomes(asked(3, REJECTED) + asked(2)).reasons == {RejectionReason.NOT_OURS: 3}


def test_of_few_answers_nothing_is_said_of_anybody() -> None:
    found = asked(9, REJECTED) + asked(60, by=BEN)

    assert [one.comparison for one in of_support(found).people] == [TeamComparison.FEW, TeamComparison.ABOVE]


def test_only_a_range_that_does_not_reach_the_team_says_anything() -> None:
    team = count_outcomes(asked(80) + asked(20, REJECTED))

    assert compare_with_team(count_outcomes(asked(4) + asked(8, REJECTED)), team) is TeamComparison.BELOW
    assert compare_with_team(count_outcomes(asked(8) + asked(4, REJECTED)), team) is TeamComparison.AS_TEAM


def test_people_stand_by_name_whatever_their_share() -> None:
    found = asked(20, by=BEN) + asked(20, REJECTED, by=ANA)

    assert [one.person for one in of_support(found).people] == [ANA, BEN]


def test_a_team_that_is_low_itself_has_a_cause_of_its_own_and_nobody_is_below() -> None:
    found = asked(30, REJECTED, by=ANA) + asked(12, by=BEN) + asked(20, REJECTED, by=BEN)

    low = of_support(found)

    assert low.is_low
    assert TeamComparison.BELOW not in {one.comparison for one in low.people}


@pytest.mark.parametrize(
    ("accepted", "rejected", "looked_at"), [(0, 9, False), (1, 14, True), (4, 10, False), (9, 3, False)]
)
def test_a_colleague_looks_first_only_where_it_is_sure(accepted: int, rejected: int, looked_at: bool) -> None:
    told = count_outcomes(asked(accepted) + asked(rejected, REJECTED))

    assert needs_peer_review(told, PeerReviewRule(0.4, min_answers=10)) is looked_at
    assert not needs_peer_review(told, None)


def test_what_is_accepted_three_times_in_a_month_under_like_titles_is_worth_writing_down() -> None:
    titles = ("VPN drops every hour", "The VPN drops", "VPN drops again every hour", "Printer is empty")
    found = [replace(one, number=at, title=title) for at, title in enumerate(titles) for one in asked(1)]

    (worth,) = find_recurring(found, now=NOW)

    assert (worth.type, worth.numbers) == ("network", (0, 1, 2))
    assert find_recurring(found, now=NOW + timedelta(days=31)) == ()
    assert find_recurring(found[:2], now=NOW) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("VPN is down", "VPN down!", True),
        ("VPN is down", "Printer is down", False),
        ("", "", False),
        ("<!channel>", "channel", True),
    ],
)
def test_titles_are_alike_when_half_of_their_words_are(one: str, other: str, same: bool) -> None:
    assert are_titles_alike(one, other) is same
