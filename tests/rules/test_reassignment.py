"""A basket is dealt out: to whoever is competent, here and has room, evenly by minutes, and every ticket once."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.durations import Duration
from rules.errors import Refused
from rules.model.people import Skill, SkillLevel
from rules.model.policy import Policy, Team, TicketType
from rules.model.tickets import Priority, Status
from rules.presence.presence import Presence, PresenceStatus
from rules.reassignment import (
    MovableTicket,
    NoReceiverReason,
    PlannedMove,
    ReassignmentPlan,
    Receiver,
    TicketFilter,
    is_plan_valid,
    needs_absence_cover,
    parse_ticket_filter,
    plan_reassignment,
    status_after_move,
    status_after_undo,
)
from rules.skills import KnownSkills
from tests.desks import MONDAY, POLICY

ANA, BEN, EVA = "UANA", "UBEN", "UEVA"
TEAM = ("support", "support")
SUPPORT = frozenset({"support"})
DESK = Policy(
    teams={"support": Team("support", "Support", agents=(ANA, BEN), experts=(EVA,))},
    types={
        "network": TicketType("network", "Network", "support", required_level=SkillLevel.CAN),
        "other": TicketType("other", "Other", "support"),
        "access": TicketType("access", "Access and passwords", "support"),
    },
)
KNOWN = KnownSkills(
    DESK, {(EVA, "network"): Skill(SkillLevel.EXPERT), (BEN, "network"): Skill(SkillLevel.CAN)}, date(2026, 10, 5)
)


def item(number: int, **more: object) -> MovableTicket:
    usual = MovableTicket(number, seq=1, type="other", priority=Priority.NORMAL, teams=TEAM, minutes=20.0)
    return replace(usual, **more)  # type: ignore[arg-type]


def gets(drawn: ReassignmentPlan) -> dict[str | None, list[int]]:
    return {who: [one.number for one in drawn.moves_to(who)] for who in dict.fromkeys(one.to for one in drawn.moves)}


def test_equals_share_evenly_by_minutes_not_by_tickets() -> None:
    long = item(1, minutes=60.0, due_at=MONDAY)

    drawn = plan_reassignment([long, *map(item, range(2, 5))], [Receiver(BEN, SUPPORT), Receiver(EVA, SUPPORT)], KNOWN)

    assert gets(drawn) == {BEN: [1], EVA: [2, 3, 4]}


def test_whoever_has_less_work_gets_more_of_it() -> None:
    busy, free = Receiver(BEN, SUPPORT, tickets=3, minutes=60.0), Receiver(EVA, SUPPORT)

    assert gets(plan_reassignment(map(item, range(1, 4)), [busy, free], KNOWN)) == {EVA: [1, 2, 3]}


def test_a_type_that_needs_a_level_goes_to_who_has_it() -> None:
    drawn = plan_reassignment(
        [item(1, type="network")], [Receiver(ANA, SUPPORT), Receiver(EVA, SUPPORT, minutes=999.0)], KNOWN
    )

    assert gets(drawn) == {EVA: [1]}


def test_the_most_urgent_finds_the_room_that_is_left() -> None:
    late = item(9, due_at=MONDAY)

    drawn = plan_reassignment([item(1), late], [Receiver(BEN, SUPPORT, free_slots=1)], KNOWN)

    assert drawn.moves == (PlannedMove(9, 1, BEN), PlannedMove(1, 1, None, NoReceiverReason.CAPACITY))


def test_what_waits_for_others_takes_up_no_room() -> None:
    waits = item(1, is_waiting=True, due_at=MONDAY)

    assert gets(plan_reassignment([waits, item(2)], [Receiver(BEN, SUPPORT, free_slots=1)], KNOWN)) == {BEN: [1, 2]}


@pytest.mark.parametrize(
    ("receiver", "why"),
    [
        (Receiver(ANA, frozenset({"network"})), NoReceiverReason.TEAM),
        (Receiver(ANA, SUPPORT), NoReceiverReason.SKILL),
        (Receiver(BEN, SUPPORT, is_here=False), NoReceiverReason.ABSENT),
        (Receiver(BEN, SUPPORT, free_slots=0), NoReceiverReason.CAPACITY),
    ],
)
def test_what_fits_nobody_says_why(receiver: Receiver, why: NoReceiverReason) -> None:
    assert plan_reassignment([item(1, type="network")], [receiver], KNOWN).moves == (PlannedMove(1, 1, None, why),)


def test_a_deputy_gets_all_they_can_take_and_the_others_the_rest() -> None:
    deputy = Receiver(ANA, SUPPORT, minutes=500.0, free_slots=2, goes_first=True)

    assert gets(plan_reassignment(map(item, range(1, 5)), [deputy, Receiver(BEN, SUPPORT)], KNOWN)) == {
        ANA: [1, 2],
        BEN: [3, 4],
    }


def test_a_plan_is_another_one_once_a_ticket_was_touched() -> None:
    before, after = ([item(1, seq=seq)] for seq in (1, 2))

    digests = {plan_reassignment(some, [Receiver(BEN, SUPPORT)], KNOWN).digest for some in (before, after)}

    assert len(digests) == 2


def test_a_plan_fits_no_more_when_somebody_has_less_room_than_it_gives() -> None:
    items = {number: item(number) for number in (1, 2)}
    drawn = plan_reassignment(items.values(), [Receiver(BEN, SUPPORT)], KNOWN)

    assert is_plan_valid(drawn, items, [Receiver(BEN, SUPPORT, free_slots=2)], KNOWN)
    assert not is_plan_valid(drawn, items, [Receiver(BEN, SUPPORT, free_slots=1)], KNOWN)
    assert not is_plan_valid(drawn, items, [], KNOWN)


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
    assert (status_after_move(status, held=True), status_after_move(status, held=False)) == (offered, free)


def test_untouched_it_is_again_as_it_was_and_else_it_is_offered() -> None:
    assert status_after_undo(Status.IN_PROGRESS, Status.ASSIGNED, touched=False) is Status.IN_PROGRESS
    assert status_after_undo(Status.IN_PROGRESS, Status.NEW, touched=True) is Status.ASSIGNED
    assert status_after_undo(Status.IN_PROGRESS, Status.ESCALATED, touched=True) is Status.ESCALATED


@pytest.mark.parametrize(
    ("here", "hours", "waited", "long"),
    [
        (PresenceStatus.AWAY, 3, 0, False),
        (PresenceStatus.AWAY, 3, 68, True),  # since Friday, so it is more than four open hours in all
        (PresenceStatus.AWAY, 9, 0, True),
        (PresenceStatus.AWAY, None, 0, True),
        (PresenceStatus.GONE, None, 0, True),
        (PresenceStatus.OFF, 48, 0, False),
    ],
)
def test_only_who_is_away_for_longer_than_the_team_waits_is_not_waited_for(
    here: PresenceStatus, hours: float | None, waited: int, long: bool
) -> None:
    until = None if hours is None else MONDAY + timedelta(hours=hours)

    assert (
        needs_absence_cover(POLICY, "support", Presence(here, until), MONDAY, since=MONDAY - timedelta(hours=waited))
        is long
    )


def test_at_night_nothing_is_handed_over() -> None:
    assert not needs_absence_cover(
        POLICY, "support", Presence(PresenceStatus.GONE), MONDAY + timedelta(hours=14), since=MONDAY
    )


def test_a_team_may_wait_longer() -> None:
    patient = replace(POLICY.teams["support"], absence_cover_after=Duration(days=5))
    policy = replace(POLICY, teams={"support": patient})

    assert not needs_absence_cover(
        policy, "support", Presence(PresenceStatus.AWAY, MONDAY + timedelta(days=4)), MONDAY, since=MONDAY
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", TicketFilter()),
        ("network high overdue", TicketFilter(frozenset({"network"}), frozenset({Priority.HIGH}), overdue=True)),
        ("breached network", TicketFilter(frozenset({"network"}), overdue=True)),
        ("due soon", TicketFilter(due_soon=True)),
        ("near !low type:OTHER", TicketFilter(frozenset({"other"}), frozenset({Priority.LOW}), due_soon=True)),
        ("Access and Passwords", TicketFilter(frozenset({"access"}))),
    ],
)
def test_which_tickets_are_meant_is_said_in_any_order(text: str, meant: TicketFilter) -> None:
    assert parse_ticket_filter(DESK, text) == meant
    assert parse_ticket_filter(DESK, " ".join(meant.typed_words)) == meant


def test_a_word_that_says_nothing_is_named_with_what_was_meant() -> None:
    with pytest.raises(Refused, match=r"`netwrk` is neither a person nor a kind of ticket\. Did you mean `network`\?"):
        parse_ticket_filter(DESK, "netwrk")


def test_overdue_and_near_together_are_either() -> None:
    both = TicketFilter(overdue=True, due_soon=True)

    assert both.matches(item(1, overdue=True))
    assert both.matches(item(1, due_soon=True))
    assert not both.matches(item(1))


PEOPLE = (ANA, BEN, EVA, "UDAN")
items = st.lists(
    st.builds(
        MovableTicket,
        st.integers(1, 500),
        st.integers(1, 9),
        st.sampled_from(["network", "other"]),
        st.sampled_from(Priority),
        st.sampled_from([("support", "support"), ("network", "support"), ("network", "network")]),
        st.floats(1, 300),
        st.none() | st.datetimes(timezones=st.just(MONDAY.tzinfo)),
        is_waiting=st.booleans(),
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
def test_every_ticket_is_dealt_exactly_once_and_to_nobody_who_may_not_hold_it_or_is_not_fit_for_it(
    basket: list[MovableTicket], people: list[Receiver]
) -> None:
    drawn, by_number = plan_reassignment(basket, people, KNOWN), {one.number: one for one in basket}

    assert Counter(one.number for one in drawn.moves) == Counter(by_number.keys())
    for who in people:
        mine = [by_number[one.number] for one in drawn.moves_to(who.person)]
        assert who.free_slots is None or sum(not one.is_waiting for one in mine) <= who.free_slots
        assert who.is_here or not mine
        assert all(KNOWN.is_qualified(who.person, one.type) and not who.teams.isdisjoint(one.teams) for one in mine)
    assert is_plan_valid(drawn, by_number, people, KNOWN)


@often
@given(items, st.integers(0, 9), st.floats(0, 900))
def test_between_equals_the_difference_is_at_most_one_ticket(
    basket: list[MovableTicket], tickets: int, minutes: float
) -> None:
    teams = frozenset({"support", "network"})
    people = [Receiver(who, teams, tickets=tickets, minutes=minutes) for who in (BEN, EVA)]
    drawn, by_number = plan_reassignment(basket, people, KNOWN), {one.number: one for one in basket}

    loads = [sum(by_number[one.number].minutes for one in drawn.moves_to(who.person)) for who in people]

    largest = max((one.minutes for one in basket), default=0.0)
    assert all(abs(one - other) <= largest + 1e-6 for one, other in combinations(loads, 2))


@often
@given(items, receivers, st.randoms())
def test_the_order_in_which_they_are_named_changes_nothing(
    basket: list[MovableTicket], people: list[Receiver], luck: object
) -> None:
    shuffled, others = list(basket), list(people)
    luck.shuffle(shuffled)  # type: ignore[attr-defined]
    luck.shuffle(others)  # type: ignore[attr-defined]

    assert plan_reassignment(shuffled, others, KNOWN) == plan_reassignment(basket, people, KNOWN)
