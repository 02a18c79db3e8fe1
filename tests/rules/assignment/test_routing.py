"""Who gets the next ticket, and why: by level, presence, minutes, acquaintance and turn."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from rules.assignment.routing import (
    AssignmentChoice,
    Candidate,
    assignment_mode,
    choose_candidate,
    free_slots,
    rank_candidates,
)
from rules.model.people import PersonProfile, SkillLevel
from rules.model.policy import AssignmentMode, Policy, Team, TicketType
from rules.presence.presence import Presence, PresenceStatus

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
HERE, AWAY, BREAK = Presence(PresenceStatus.AT_WORK), Presence(PresenceStatus.AWAY), Presence(PresenceStatus.BREAK)
ANA, BEN, CLEO = (Candidate(who, HERE, SkillLevel.CAN) for who in ("UANA", "UBEN", "UCLEO"))
DESKS = (AssignmentMode.OFFER, AssignmentMode.ROUND_ROBIN, AssignmentMode.LEAST_LOADED)


def choose(candidates: Sequence[Candidate], mode: AssignmentMode) -> AssignmentChoice:
    return choose_candidate(candidates, mode, type_name="Network")


def test_who_knows_it_best_is_offered_it_whatever_they_hold() -> None:
    eva = Candidate("UEVA", HERE, SkillLevel.EXPERT, minutes=300)

    choice = choose([ANA, eva, BEN], AssignmentMode.OFFER)

    assert (choice.person, str(choice.reason)) == ("UEVA", "higher skill in Network than UANA")


def test_of_two_who_know_it_alike_the_one_with_less_work_is_offered_it() -> None:
    choice = choose([replace(ANA, minutes=90), replace(BEN, minutes=40)], AssignmentMode.OFFER)

    assert str(choice.reason) == "40 min of work; UANA 1 h 30 min"


def test_of_two_who_are_equally_busy_the_one_who_helped_last_time_is_offered_it() -> None:
    choice = choose([replace(ANA, minutes=31), replace(BEN, minutes=44, knows_requester=True)], AssignmentMode.OFFER)

    assert str(choice.reason) == "resolved this requester's last ticket of type Network"


def test_in_turns_whoever_had_none_or_had_it_longest_ago_is_next() -> None:
    ana, ben = (
        replace(ANA, last_assigned_at=MONDAY, minutes=0),
        replace(BEN, last_assigned_at=MONDAY - timedelta(hours=1), minutes=400),
    )

    choice = choose([ana, ben], AssignmentMode.ROUND_ROBIN)
    assert (choice.person, str(choice.reason)) == (
        "UBEN",
        "next in turn; UANA was assigned a ticket more recently",
    )
    assert choose([ana, ben, CLEO], AssignmentMode.ROUND_ROBIN).person == "UCLEO"


def test_least_loaded_looks_at_minutes_and_not_at_tickets() -> None:
    ana, ben = replace(ANA, open_tickets=9, minutes=45), replace(BEN, open_tickets=1, minutes=120)

    assert choose([ben, ana], AssignmentMode.LEAST_LOADED).person == "UANA"


def test_where_only_one_is_left_the_reason_says_so() -> None:
    choice = choose([replace(ANA, presence=AWAY), BEN], AssignmentMode.OFFER)

    assert str(choice.reason) == "the only one here with the skill for Network and room for another ticket"


@pytest.mark.parametrize("way", DESKS)
@pytest.mark.parametrize(
    "hindered",
    [
        replace(ANA, presence=AWAY),
        replace(ANA, presence=BREAK),
        replace(ANA, presence=Presence(PresenceStatus.OFF)),
        replace(ANA, free_slots=0),
        replace(ANA, is_qualified=False),
        replace(ANA, has_passed=True),
    ],
)
def test_who_is_away_full_not_competent_or_has_passed_it_gets_nothing(way: AssignmentMode, hindered: Candidate) -> None:
    assert choose([hindered, replace(BEN, minutes=900, last_assigned_at=MONDAY)], way).person == "UBEN"


def test_when_all_are_full_or_away_it_waits_and_each_is_named() -> None:
    choice = choose(
        [replace(ANA, presence=AWAY), replace(BEN, free_slots=0, open_tickets=5)],
        AssignmentMode.OFFER,
    )

    assert (choice.person, choice.is_hopeless) == (None, False)
    assert str(choice.reason) == (
        "everyone with the skill for Network is full or not here: UANA is away, UBEN is full with 5 open tickets."
    )


def test_of_many_who_are_full_the_first_ten_are_named_and_the_others_counted() -> None:
    full = [replace(ANA, person=f"U{place}", free_slots=0, open_tickets=1) for place in range(13)]

    assert str(choose(full, AssignmentMode.OFFER).reason).endswith("U9 is full with 1 open ticket and 3 more.")


@pytest.mark.parametrize("nobody", [[replace(ANA, has_passed=True)], [replace(ANA, is_qualified=False)], []])
def test_when_nobody_is_left_waiting_does_not_help(nobody: list[Candidate]) -> None:
    assert choose(nobody, AssignmentMode.OFFER).is_hopeless


def test_a_lead_sees_who_could_begin_first_and_who_needs_a_reason_last() -> None:
    away, unfit = replace(ANA, presence=AWAY), replace(CLEO, is_qualified=False, level=None)
    full = Candidate("UFAY", HERE, SkillLevel.EXPERT, free_slots=0)

    assert [one.person for one in rank_candidates([away, unfit, full, BEN])] == ["UBEN", "UFAY", "UANA", "UCLEO"]


def test_a_type_says_how_it_is_given_else_its_team_does() -> None:
    team = Team("support", "Support", assignment_mode=AssignmentMode.OFFER)
    own = TicketType("vpn", "VPN", "support", assignment_mode=AssignmentMode.BY_HAND)
    policy = Policy(teams={"support": team}, types={"vpn": own, "other": TicketType("other", "Other", "support")})

    assert (assignment_mode(policy, "vpn", "support"), assignment_mode(policy, "other", "support")) == (
        AssignmentMode.BY_HAND,
        AssignmentMode.OFFER,
    )


def test_of_two_limits_the_smaller_one_holds() -> None:
    team = Team("support", "Support", capacity=8)

    assert free_slots(team, PersonProfile(capacity=5), 3) == 2
    assert free_slots(team, PersonProfile(), 3) == 5
    assert free_slots(Team("support", "Support"), PersonProfile(), 3) is None


@pytest.mark.parametrize("way", DESKS)
@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_in_a_month_equals_are_given_the_same_minutes_of_work_within_a_tenth(way: AssignmentMode, seed: int) -> None:
    given: dict[str, float] = dict.fromkeys(("UANA", "UBEN", "UCLEO", "UDAN"), 0.0)
    for who, minutes in month(way, Random(seed)):
        given[who] += minutes

    mean = sum(given.values()) / len(given)
    assert mean > 4000
    assert max(abs(minutes - mean) for minutes in given.values()) <= mean / 10


def month(way: AssignmentMode, chance: Random) -> Iterator[tuple[str, float]]:
    """Four equals, twenty days of eight hours, a ticket every 6 minutes of 5, 20 or 60: who gets what."""
    left, turn = dict.fromkeys(("UANA", "UBEN", "UCLEO", "UDAN"), 0.0), dict[str, datetime]()
    for count in range(20 * 80):
        now = MONDAY + timedelta(days=count // 80, minutes=6 * (count % 80))
        left = {who: max(0.0, minutes - 6) for who, minutes in left.items()}
        everyone = [
            Candidate(
                who,
                HERE,
                SkillLevel.CAN,
                minutes=round(minutes),
                last_assigned_at=turn.get(who),
                knows_requester=chance.random() < 0.3,
            )
            for who, minutes in left.items()
        ]
        who = choose(chance.sample(everyone, 4), way).person
        assert who is not None
        minutes = chance.choice((5.0, 5.0, 20.0, 20.0, 60.0))
        left[who], turn[who] = left[who] + minutes, now
        yield who, minutes
