"""Home says what there is to do, and that there is nothing."""

from handlers.home_sections import HomeView
from handlers.tickets.home import HomeTickets, ticket_blocks
from storage.tickets.home import TeamQueue, TicketList
from storage.transaction import Reader
from tests.handlers.hostile import NOW, policy_of, ticket_of
from tests.services.vpn import ANA

VIEW = HomeView(Reader(None, "T0LOCAL"), policy_of("Support"), NOW, ANA)


def test_a_person_without_tickets_reads_how_many_are_unassigned_in_their_team() -> None:
    home = HomeTickets(queues={"support": TeamQueue(TicketList([ticket_of("VPN is down")], 12), open_count=31)})

    shown = str(ticket_blocks(home, VIEW))

    assert "No tickets assigned to you. · 12 unassigned in Support" in shown
    assert "Support: 12 unassigned" in shown
    assert "31 open in Support" in shown


def test_an_empty_desk_says_that_it_is_empty() -> None:
    shown = str(ticket_blocks(HomeTickets(queues={"support": TeamQueue()}), VIEW))

    assert "Support: no open tickets" in shown


def test_a_ticket_that_is_listed_above_is_not_listed_again_as_a_request() -> None:
    own = TicketList([ticket_of("VPN is down")], 1)

    shown = str(ticket_blocks(HomeTickets(own, own), VIEW))

    assert shown.count("VPN is down") == str(ticket_blocks(HomeTickets(own), VIEW)).count("VPN is down")
