"""Home is never blank, never too long, and never pings anyone."""

import pytest

from handlers.home.cards import home
from rules.escalations.escalations import EscalationState
from rules.model.tickets import Status
from storage.home import LINES, TEAMS, Home, Rows
from tests.desks import POLICY, problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of
from tests.services.vpn import ANA, LENA, MIA, OTTO


@pytest.mark.parametrize("text", TYPED)
def test_the_fullest_home_is_harmless_and_within_limits(text: str) -> None:
    policy = policy_of(text)
    full = Rows([ticket_of(text, Status.ASSIGNED)] * LINES, 1000)
    questions = [(escalation_of(text), ticket_of(text, Status.ESCALATED))] * LINES
    found = Home(
        works=True,
        offered=full,
        mine=full,
        asked=full,
        queues={f"team{place}": full for place in range(TEAMS)},
        asked_of_experts=questions,
        clocks={12: clocks_of(policy)},
    )

    view = home(found, policy, NOW)

    assert problems("home", view) == []
    assert alarms(view) == []


def test_what_a_colleague_asks_is_to_be_looked_at_by_when() -> None:
    question = (escalation_of("Tunnel flaps", EscalationState.TO_CHECK), ticket_of("VPN is down", Status.ESCALATED))

    said = str(home(Home(works=True, asked_of_experts=[question]), policy_of("Support"), NOW)["blocks"])

    assert "Needs your decision" in said
    assert "look at it before it goes to the experts <!date^" in said


def test_whoever_holds_nothing_reads_what_waits_in_their_team() -> None:
    found = Home(works=True, queues={"support": Rows([ticket_of("VPN is down")], 1)})

    said = str(home(found, policy_of("Support"), NOW)["blocks"])

    assert "You hold no ticket now." in said
    assert "1 unassigned in Support" in said


def test_an_empty_desk_says_that_it_is_empty() -> None:
    said = str(home(Home(works=True, queues={"support": Rows()}), policy_of("Support"), NOW)["blocks"])

    assert "Support: nothing open" in said


def test_only_who_takes_tickets_is_offered_the_next_one() -> None:
    found = Home(works=True, queues={"support": Rows()})

    offered = {who: "Next ticket" in str(home(found, POLICY, NOW, of=who)) for who in (ANA, LENA, MIA, OTTO)}

    assert offered == {ANA: True, LENA: True, MIA: False, OTTO: False}
