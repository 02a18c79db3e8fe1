"""Home is never too long, never pings anyone, and offers only what a person may do."""

import pytest

from handlers.assignment.home import offered_blocks
from handlers.escalations.home import decision_blocks
from handlers.home.cards import first_buttons
from handlers.home.home import render_home
from handlers.home_sections import DECISIONS_TITLE, HomeSection
from handlers.tickets.home import HomeTickets, ticket_blocks
from rules.model.tickets import Status
from storage.escalations.escalations import DECISIONS_SHOWN
from storage.tickets.home import MAX_QUEUES, TeamQueue, TicketList
from storage.tickets.lists import PAGE_SIZE
from storage.transaction import Reader
from tests.desks import POLICY, problems
from tests.handlers.hostile import NOW, TYPED, alarms, clocks_of, escalation_of, policy_of, ticket_of
from tests.services.vpn import ANA, LENA, MIA, OTTO


@pytest.mark.parametrize("text", TYPED)
def test_the_fullest_home_is_harmless_and_within_limits(text: str) -> None:
    policy = policy_of(text)
    full = TicketList([ticket_of(text, Status.ASSIGNED)] * PAGE_SIZE, 1000)
    timers = {12: clocks_of(policy)}
    decisions = [(escalation_of(text), ticket_of(text, Status.ESCALATED))] * DECISIONS_SHOWN
    queue = TeamQueue(full, 1000, 1000)
    home = HomeTickets(full, full, {f"team{place}": queue for place in range(MAX_QUEUES)}, timers)
    sections = [
        HomeSection(lambda view: first_buttons(view.policy, view.person), 10),
        HomeSection(lambda view: decision_blocks(decisions, view.now), 20, DECISIONS_TITLE),
        HomeSection(lambda view: offered_blocks(full.tickets, timers, view.now), 30, DECISIONS_TITLE),
        HomeSection(lambda view: ticket_blocks(home, view), 40),
    ]

    view = render_home(Reader(None, "T0LOCAL"), ANA, policy=policy, now=NOW, sections=sections)

    assert str(view).count(str(DECISIONS_TITLE)) == 1
    assert problems("home", view) == []
    assert alarms(view) == []


def test_only_who_takes_tickets_is_offered_the_next_one() -> None:
    offered = {who: "Next ticket" in str(first_buttons(POLICY, who)) for who in (ANA, LENA, MIA, OTTO)}

    assert offered == {ANA: True, LENA: True, MIA: False, OTTO: False}
