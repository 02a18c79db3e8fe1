"""Home is never blank, never too long, and never pings anyone."""

import pytest

from handlers.home.cards import home_view
from rules.escalations.escalations import EscalationState
from rules.model.tickets import Status
from storage.home import MAX_QUEUES, TICKETS_PER_LIST, HomeContent, TicketList
from tests.desks import POLICY, problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of
from tests.services.vpn import ANA, LENA, MIA, OTTO


@pytest.mark.parametrize("text", TYPED)
def test_the_fullest_home_is_harmless_and_within_limits(text: str) -> None:
    policy = policy_of(text)
    full = TicketList([ticket_of(text, Status.ASSIGNED)] * TICKETS_PER_LIST, 1000)
    questions = [(escalation_of(text), ticket_of(text, Status.ESCALATED))] * TICKETS_PER_LIST
    found = HomeContent(
        is_staff=True,
        offered=full,
        assigned=full,
        requested=full,
        queues={f"team{place}": full for place in range(MAX_QUEUES)},
        escalations=questions,
        timers={12: clocks_of(policy)},
    )

    view = home_view(found, policy, NOW)

    assert problems("home", view) == []
    assert alarms(view) == []


def test_what_a_colleague_asks_is_to_be_looked_at_by_when() -> None:
    question = (
        escalation_of("Tunnel flaps", EscalationState.IN_PEER_REVIEW),
        ticket_of("VPN is down", Status.ESCALATED),
    )

    said = str(home_view(HomeContent(is_staff=True, escalations=[question]), policy_of("Support"), NOW)["blocks"])

    assert "Needs your decision" in said
    assert "look at it before it goes to the experts <!date^" in said


def test_whoever_holds_nothing_reads_what_waits_in_their_team() -> None:
    found = HomeContent(is_staff=True, queues={"support": TicketList([ticket_of("VPN is down")], 1)})

    said = str(home_view(found, policy_of("Support"), NOW)["blocks"])

    assert "You hold no ticket now." in said
    assert "1 unassigned in Support" in said


def test_an_empty_desk_says_that_it_is_empty() -> None:
    said = str(
        home_view(HomeContent(is_staff=True, queues={"support": TicketList()}), policy_of("Support"), NOW)["blocks"]
    )

    assert "Support: nothing open" in said


def test_only_who_takes_tickets_is_offered_the_next_one() -> None:
    found = HomeContent(is_staff=True, queues={"support": TicketList()})

    offered = {who: "Next ticket" in str(home_view(found, POLICY, NOW, user=who)) for who in (ANA, LENA, MIA, OTTO)}

    assert offered == {ANA: True, LENA: True, MIA: False, OTTO: False}
