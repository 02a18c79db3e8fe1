"""A basket is dealt out: to whoever is competent, here and has room, evenly by minutes, and every ticket once."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.durations import Duration
from rules.errors import DeskError
from rules.model.people import Level, Skill
from rules.model.policy import Policy, Team, TicketType
from rules.model.tickets import Priority, Status
from rules.presence.presence import Here, Presence
from rules.reassignment import (
    Item,
    Move,
    Moved,
    Plan,
    Receiver,
    Wanted,
    Why,
    is_too_long,
    minutes_left,
    plan,
    status_after,
    status_again,
    still_fits,
    wanted,
)
from rules.skills import Competences
from rules.workload.handling_time import Estimate
from tests.desks import MONDAY, POLICY

ANA, BEN, EVA = "UANA", "UBEN", "UEVA"
TEAM = ("support", "support")
SUPPORT = frozenset({"support"})
DESK = Policy(
    teams={"support": Team("support", "Support", agents=(ANA, BEN), experts=(EVA,))},
    types={
        "network": TicketType("network", "Network", "support", needs=Level.CAN),
        "other": TicketType("other", "Other", "support"),
        "access": TicketType("access", "Access and passwords", "support"),
    },
)
KNOWN = Competences(
    DESK, {(EVA, "network"): Skill(Level.EXPERT), (BEN, "network"): Skill(Level.CAN)}, date(2026, 10, 5)
)


def item(number: int, **more: object) -> Item:
    usual = Item(number, seq=1, type="other", priority=Priority.NORMAL, teams=TEAM, minutes=20.0)
    return replace(usual, **more)  # type: ignore[arg-type]


def gets(drawn: Plan) -> dict[str | None, list[int]]:
    return {who: [one.number for one in drawn.of(who)] for who in dict.fromkeys(one.to for one in drawn.moves)}


def test_equals_share_evenly_by_minutes_not_by_tickets() -> None:
    long = item(1, minutes=60.0, due_at=MONDAY)

    drawn = plan([long, *map(item, range(2, 5))], [Receiver(BEN, SUPPORT), Receiver(EVA, SUPPORT)], KNOWN)

    assert gets(drawn) == {BEN: [1], EVA: [2, 3, 4]}


def test_whoever_has_less_work_gets_more_of_it() -> None:
    busy, free = Receiver(BEN, SUPPORT, tickets=3, minutes=60.0), Receiver(EVA, SUPPORT)

    assert gets(plan(map(item, range(1, 4)), [busy, free], KNOWN)) == {EVA: [1, 2, 3]}


def test_a_type_that_needs_a_level_goes_to_who_has_it() -> None:
    drawn = plan([item(1, type="network")], [Receiver(ANA, SUPPORT), Receiver(EVA, SUPPORT, minutes=999.0)], KNOWN)

    assert gets(drawn) == {EVA: [1]}


def test_the_most_urgent_finds_the_room_that_is_left() -> None:
    late = item(9, due_at=MONDAY)

    drawn = plan([item(1), late], [Receiver(BEN, SUPPORT, room=1)], KNOWN)

    assert drawn.moves == (Move(9, 1, BEN), Move(1, 1, None, Why.ROOM))


def test_what_waits_for_others_takes_up_no_room() -> None:
    waits = item(1, waits=True, due_at=MONDAY)

    assert gets(plan([waits, item(2)], [Receiver(BEN, SUPPORT, room=1)], KNOWN)) == {BEN: [1, 2]}


@pytest.mark.parametrize(
    ("receiver", "why"),
    [
        (Receiver(ANA, frozenset({"network"})), Why.TEAM),
        (Receiver(ANA, SUPPORT), Why.COMPETENCE),
        (Receiver(BEN, SUPPORT, here=False), Why.ABSENT),
        (Receiver(BEN, SUPPORT, room=0), Why.ROOM),
    ],
)
def test_what_fits_nobody_says_why(receiver: Receiver, why: Why) -> None:
    assert plan([item(1, type="network")], [receiver], KNOWN).moves == (Move(1, 1, None, why),)


def test_a_deputy_gets_all_they_can_take_and_the_others_the_rest() -> None:
    deputy = Receiver(ANA, SUPPORT, minutes=500.0, room=2, first=True)

    assert gets(plan(map(item, range(1, 5)), [deputy, Receiver(BEN, SUPPORT)], KNOWN)) == {ANA: [1, 2], BEN: [3, 4]}


def test_a_plan_is_another_one_once_a_ticket_was_touched() -> None:
    before, after = ([item(1, seq=seq)] for seq in (1, 2))

    digests = {plan(some, [Receiver(BEN, SUPPORT)], KNOWN).digest for some in (before, after)}

    assert len(digests) == 2


def test_a_plan_fits_no_more_when_somebody_has_less_room_than_it_gives() -> None:
    items = {number: item(number) for number in (1, 2)}
    drawn = plan(items.values(), [Receiver(BEN, SUPPORT)], KNOWN)

    assert still_fits(drawn.moves, items, [Receiver(BEN, SUPPORT, room=2)], KNOWN)
    assert not still_fits(drawn.moves, items, [Receiver(BEN, SUPPORT, room=1)], KNOWN)
    assert not still_fits(drawn.moves, items, [], KNOWN)


@pytest.mark.parametrize(("spent", "left"), [(0, 20.0), (5 * 60, 15.0), (20 * 60, 2.0), (9999, 2.0)])
def test_what_is_left_is_the_median_less_what_was_spent_and_never_nothing(spent: float, left: float) -> None:
    assert minutes_left(Estimate(9, 20 * 60, 1.0), spent) == pytest.approx(left)


@pytest.mark.parametrize(
    ("status", "offered", "free"),
    [
        (Status.ASSIGNED, Status.ASSIGNED, Status.NEW),
        (Status.IN_PROGRESS, Status.ASSIGNED, Status.NEW),
        (Status.WAITING, Status.WAITING, Status.WAITING),
        (Status.ESCALATED, Status.ESCALATED, Status.ESCALATED),
    ],
)
def test_what_was_begun_is_offered_and_what_waits_goes_on_waiting(
    status: Status, offered: Status, free: Status
) -> None:
    assert (status_after(status, held=True), status_after(status, held=False)) == (offered, free)


def test_untouched_it_is_again_as_it_was_and_else_it_is_offered() -> None:
    assert status_again(Status.IN_PROGRESS, Status.ASSIGNED, touched=False) is Status.IN_PROGRESS
    assert status_again(Status.IN_PROGRESS, Status.NEW, touched=True) is Status.ASSIGNED
    assert status_again(Status.IN_PROGRESS, Status.ESCALATED, touched=True) is Status.ESCALATED


def test_what_became_of_a_ticket_is_kept_and_read_back() -> None:
    for one in (Moved(1, 5, BEN, None, Status.WAITING, "support"), Moved(2, 3, None, Why.ROOM, Status.NEW, "network")):
        assert Moved.read(one.plain()) == one


@pytest.mark.parametrize(
    ("here", "hours", "waited", "long"),
    [
        (Here.AWAY, 3, 0, False),
        (Here.AWAY, 3, 68, True),  # since Friday, so it is more than four open hours in all
        (Here.AWAY, 9, 0, True),
        (Here.AWAY, None, 0, True),
        (Here.GONE, None, 0, True),
        (Here.OFF, 48, 0, False),
    ],
)
def test_only_who_is_away_for_longer_than_the_team_waits_is_not_waited_for(
    here: Here, hours: float | None, waited: int, long: bool
) -> None:
    until = None if hours is None else MONDAY + timedelta(hours=hours)

    assert is_too_long(POLICY, "support", Presence(here, until), MONDAY, since=MONDAY - timedelta(hours=waited)) is long


def test_at_night_nothing_is_handed_over() -> None:
    assert not is_too_long(POLICY, "support", Presence(Here.GONE), MONDAY + timedelta(hours=14), since=MONDAY)


def test_a_team_may_wait_longer() -> None:
    patient = replace(POLICY.teams["support"], handover_after=Duration(days=5))
    policy = replace(POLICY, teams={"support": patient})

    assert not is_too_long(policy, "support", Presence(Here.AWAY, MONDAY + timedelta(days=4)), MONDAY, since=MONDAY)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Wanted()),
        ("network high overdue", Wanted(frozenset({"network"}), frozenset({Priority.HIGH}), overdue=True)),
        ("near !low type:OTHER", Wanted(frozenset({"other"}), frozenset({Priority.LOW}), near=True)),
        ("Access and Passwords", Wanted(frozenset({"access"}))),
    ],
)
def test_which_tickets_are_meant_is_said_in_any_order(text: str, meant: Wanted) -> None:
    assert wanted(DESK, text) == meant
    assert wanted(DESK, " ".join(meant.words)) == meant


def test_a_word_that_says_nothing_is_named_with_what_was_meant() -> None:
    with pytest.raises(DeskError, match=r"`netwrk` says neither who nor which tickets\. Did you mean `network`\?"):
        wanted(DESK, "netwrk")


def test_overdue_and_near_together_are_either() -> None:
    both = Wanted(overdue=True, near=True)

    assert both.has(item(1, overdue=True))
    assert both.has(item(1, near=True))
    assert not both.has(item(1))


PEOPLE = (ANA, BEN, EVA, "UDAN")
items = st.lists(
    st.builds(
        Item,
        st.integers(1, 500),
        st.integers(1, 9),
        st.sampled_from(["network", "other"]),
        st.sampled_from(Priority),
        st.sampled_from([("support", "support"), ("network", "support"), ("network", "network")]),
        st.floats(1, 300),
        st.none() | st.datetimes(timezones=st.just(MONDAY.tzinfo)),
        waits=st.booleans(),
    ),
    max_size=25,
    unique_by=lambda one: one.number,
)
receivers = st.lists(
    st.builds(
        Receiver,
        st.sampled_from(PEOPLE),
        st.sets(st.sampled_from(["support", "network"])).map(frozenset),
        st.booleans(),
        st.none() | st.integers(0, 8),
        st.integers(0, 9),
        st.floats(0, 900),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one.person,
)
often = settings(max_examples=150, deadline=None)


@often
@given(items, receivers)
def test_every_ticket_is_dealt_exactly_once(basket: list[Item], people: list[Receiver]) -> None:
    assert Counter(one.number for one in plan(basket, people, KNOWN).moves) == Counter(one.number for one in basket)


@often
@given(items, receivers)
def test_nobody_gets_more_than_they_may_hold_or_what_they_are_not_fit_for(
    basket: list[Item], people: list[Receiver]
) -> None:
    drawn, by_number = plan(basket, people, KNOWN), {one.number: one for one in basket}

    for who in people:
        mine = [by_number[one.number] for one in drawn.of(who.person)]
        assert who.room is None or sum(not one.waits for one in mine) <= who.room
        assert who.here or not mine
        assert all(KNOWN.fits(who.person, one.type) and not who.teams.isdisjoint(one.teams) for one in mine)
    assert still_fits(drawn.moves, by_number, people, KNOWN)


@often
@given(items, st.integers(0, 9), st.floats(0, 900))
def test_between_equals_the_difference_is_at_most_one_ticket(basket: list[Item], tickets: int, minutes: float) -> None:
    teams = frozenset({"support", "network"})
    people = [Receiver(who, teams, tickets=tickets, minutes=minutes) for who in (BEN, EVA)]
    drawn, by_number = plan(basket, people, KNOWN), {one.number: one for one in basket}

    loads = [sum(by_number[one.number].minutes for one in drawn.of(who.person)) for who in people]

    largest = max((one.minutes for one in basket), default=0.0)
    assert all(abs(one - other) <= largest + 1e-6 for one, other in combinations(loads, 2))


@often
@given(items, receivers, st.randoms())
def test_the_order_in_which_they_are_named_changes_nothing(
    basket: list[Item], people: list[Receiver], luck: object
) -> None:
    shuffled, others = list(basket), list(people)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    luck.shuffle(others)  # type: ignore[attr-defined]

    assert plan(shuffled, others, KNOWN) == plan(basket, people, KNOWN)
