"""Home says what there is to do, and that there is nothing."""

from handlers.home_sections import HomeView
from handlers.tickets.home import HomeTickets, ticket_blocks
from storage.tickets.home import TicketList
from storage.transaction import Reader
from tests.handlers.hostile import NOW, policy_of, ticket_of
from tests.services.vpn import ANA

VIEW = HomeView(Reader(None, "T0LOCAL"), policy_of("Support"), NOW, ANA)


def test_whoever_holds_nothing_reads_what_waits_in_their_team() -> None:
    home = HomeTickets(queues={"support": TicketList([ticket_of("VPN is down")], 1)})

    said = str(ticket_blocks(home, VIEW))

    assert "You hold no ticket now." in said
    assert "1 unassigned in Support" in said


def test_an_empty_desk_says_that_it_is_empty() -> None:
    said = str(ticket_blocks(HomeTickets(queues={"support": TicketList()}), VIEW))

    assert "Support: nothing open" in said
