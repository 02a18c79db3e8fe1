"""Where something is asked may decide what is promised: by text, form, message and thread alike."""

import copy
from collections.abc import AsyncIterator

import pytest

from storage.sla.timers import ticket_timers
from storage.tickets.tickets import get_ticket
from tests.desks import OFFICE, HeldClock, Office, opened_office
from tests.handlers.vpn import ANA, CLEO, GENERAL


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """What is asked in #general is asked by Acme, and answered within five minutes."""
    plain = copy.deepcopy(OFFICE)
    plain["companies"] = {"acme": {"name": "Acme", "channels": [GENERAL]}}
    plain["sla"].append({"company": "acme", "first_response": "5m"})
    async with opened_office(database_url, clock, plain=plain) as opened:
        yield opened


async def test_typed_there(office: Office) -> None:
    await office.file("VPN is down", by=CLEO, channel=GENERAL)

    await is_acmes(office)


async def test_by_the_form_opened_there(office: Office) -> None:
    cleo = office.person(CLEO)
    await cleo.command(GENERAL, "/ticket", "")
    await cleo.submit({"title": "VPN is down", "type": "network"})
    await office.settled()

    await is_acmes(office)


async def test_from_a_message_written_there(office: Office) -> None:
    message = await office.person(CLEO).say(GENERAL, "VPN is down")
    ana = office.person(ANA)
    await ana.message_shortcut("ticket_from_message", GENERAL, message["ts"])
    await ana.submit({"type": "network"})
    await office.settled()

    await is_acmes(office)


async def test_by_a_mention_there(office: Office) -> None:
    await office.person(CLEO).say(GENERAL, "@Baton VPN is down")
    await office.settled()

    await is_acmes(office)


async def test_elsewhere_it_is_nobodys(office: Office) -> None:
    await office.file("VPN is down", by=ANA)

    ticket = await office.desk.read(get_ticket, 1)
    assert (ticket.channel, ticket.company) == ("C0SUPPORT", None)


async def is_acmes(office: Office) -> None:
    ticket = await office.desk.read(get_ticket, 1)
    assert (ticket.channel, ticket.company) == (GENERAL, "acme")
    assert {str(clock.duration_text) for clock in (await office.desk.read(ticket_timers, 1)).values()} >= {"5m"}
