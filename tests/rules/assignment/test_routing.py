"""Who gets the next ticket, and why: by level, presence, minutes, acquaintance and turn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from rules.assignment.routing import Candidate, best, in_order, mode, room
from rules.model.people import Availability, Level
from rules.model.policy import Assigning, Policy, Team, TicketType
from rules.presence.presence import Here, Presence

MONDAY = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
HERE, AWAY, BREAK = Presence(Here.AT_WORK), Presence(Here.AWAY), Presence(Here.BREAK)
ANA, BEN, CLEO = (Candidate(who, HERE, Level.CAN) for who in ("UANA", "UBEN", "UCLEO"))
DESKS = (Assigning.OFFER, Assigning.ROUND_ROBIN, Assigning.LEAST_LOADED)


def test_who_knows_it_best_is_offered_it_whatever_they_hold() -> None:
    eva = Candidate("UEVA", HERE, Level.EXPERT, minutes=300)

    choice = best([ANA, eva, BEN], Assigning.OFFER, what="Network")

    assert (choice.person, choice.reason) == ("UEVA", "<@UEVA> knows Network best: is an expert.")


def test_of_two_who_know_it_alike_the_one_with_less_work_is_offered_it() -> None:
    choice = best([replace(ANA, minutes=90), replace(BEN, minutes=40)], Assigning.OFFER)

    assert choice.reason == "<@UBEN> has 40 min of work, <@UANA> 90 min."


def test_of_two_who_are_equally_busy_the_one_who_helped_last_time_is_offered_it() -> None:
    choice = best([replace(ANA, minutes=31), replace(BEN, minutes=44, knows_asker=True)], Assigning.OFFER)

    assert choice.reason == "<@UBEN> resolved the last ticket about it for whoever asks."


def test_in_turns_whoever_had_none_or_had_it_longest_ago_is_next() -> None:
    ana, ben = replace(ANA, turn=MONDAY, minutes=0), replace(BEN, turn=MONDAY - timedelta(hours=1), minutes=400)

    assert best([ana, ben], Assigning.ROUND_ROBIN).reason == "It is <@UBEN>'s turn; <@UANA> had one later."
    assert best([ana, ben, CLEO], Assigning.ROUND_ROBIN).person == "UCLEO"


def test_least_loaded_looks_at_minutes_and_not_at_tickets() -> None:
    ana, ben = replace(ANA, open=9, minutes=45), replace(BEN, open=1, minutes=120)

    assert best([ben, ana], Assigning.LEAST_LOADED).person == "UANA"


def test_where_only_one_is_left_the_reason_says_so() -> None:
    choice = best([replace(ANA, presence=AWAY), BEN], Assigning.OFFER, what="Network")

    assert choice.reason == "<@UBEN> is the only one who is here, fits Network and has room."


@pytest.mark.parametrize("way", DESKS)
@pytest.mark.parametrize(
    "hindered",
    [
        replace(ANA, presence=AWAY),
        replace(ANA, presence=BREAK),
        replace(ANA, presence=Presence(Here.OFF)),
        replace(ANA, room=0),
        replace(ANA, fits=False),
        replace(ANA, passed=True),
    ],
)
def test_who_is_away_full_not_competent_or_has_passed_it_gets_nothing(way: Assigning, hindered: Candidate) -> None:
    assert best([hindered, replace(BEN, minutes=900, turn=MONDAY)], way).person == "UBEN"


def test_when_all_are_full_or_away_it_waits_and_each_is_named() -> None:
    choice = best([replace(ANA, presence=AWAY), replace(BEN, room=0, open=5)], Assigning.OFFER, what="Network")

    assert (choice.person, choice.hopeless) == (None, False)
    assert choice.reason == (
        "Everybody who could take Network is full or not here: "
        "<@UANA> is away, <@UBEN> has 5 open and may have no more."
    )


@pytest.mark.parametrize("nobody", [[replace(ANA, passed=True)], [replace(ANA, fits=False)], []])
def test_when_nobody_is_left_waiting_does_not_help(nobody: list[Candidate]) -> None:
    assert best(nobody, Assigning.OFFER).hopeless


def test_a_lead_sees_who_could_begin_first_and_who_needs_a_reason_last() -> None:
    away, unfit = replace(ANA, presence=AWAY), replace(CLEO, fits=False, level=None)
    full = Candidate("UFAY", HERE, Level.EXPERT, room=0)

    assert [one.person for one in in_order([away, unfit, full, BEN])] == ["UBEN", "UFAY", "UANA", "UCLEO"]


def test_a_type_says_how_it_is_given_else_its_team_does() -> None:
    team = Team("support", "Support", assigning=Assigning.OFFER)
    own = TicketType("vpn", "VPN", "support", assigning=Assigning.BY_HAND)
    policy = Policy(teams={"support": team}, types={"vpn": own, "other": TicketType("other", "Other", "support")})

    assert (mode(policy, "vpn", "support"), mode(policy, "other", "support")) == (Assigning.BY_HAND, Assigning.OFFER)


def test_of_two_limits_the_smaller_one_holds() -> None:
    team = Team("support", "Support", capacity=8)

    assert room(team, Availability(capacity=5), 3) == 2
    assert room(team, Availability(), 3) == 5
    assert room(Team("support", "Support"), Availability(), 3) is None


@pytest.mark.parametrize("way", DESKS)
@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_in_a_month_equals_are_given_the_same_minutes_of_work_within_a_tenth(way: Assigning, seed: int) -> None:
    given: dict[str, float] = dict.fromkeys(("UANA", "UBEN", "UCLEO", "UDAN"), 0.0)
    for who, minutes in month(way, Random(seed)):
        given[who] += minutes

    mean = sum(given.values()) / len(given)
    assert mean > 4000
    assert max(abs(minutes - mean) for minutes in given.values()) <= mean / 10


def month(way: Assigning, chance: Random) -> Iterator[tuple[str, float]]:
    """Four equals, twenty days of eight hours, a ticket every 6 minutes of 5, 20 or 60: who gets what."""
    left, turn = dict.fromkeys(("UANA", "UBEN", "UCLEO", "UDAN"), 0.0), dict[str, datetime]()
    for count in range(20 * 80):
        now = MONDAY + timedelta(days=count // 80, minutes=6 * (count % 80))
        left = {who: max(0.0, minutes - 6) for who, minutes in left.items()}
        everyone = [
            Candidate(
                who, HERE, Level.CAN, minutes=round(minutes), turn=turn.get(who), knows_asker=chance.random() < 0.3
            )
            for who, minutes in left.items()
        ]
        who = best(chance.sample(everyone, 4), way).person
        assert who is not None
        minutes = chance.choice((5.0, 5.0, 20.0, 20.0, 60.0))
        left[who], turn[who] = left[who] + minutes, now
        yield who, minutes
