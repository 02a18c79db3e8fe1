"""Who stands in for a lead who is away finds the lead's place in Slack: their buttons, forms, lists and commands."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from rules.presence.leave import LeavePeriod
from services.presence import presence
from tests.desks import OFFICE, HeldClock, Office, opened_office
from tests.handlers.vpn import ANA, BEN, EVA, LENA, SUPPORT, card, filed, presses, submits, ticket


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    """Eva of Network stands in for Support's lead."""
    async with opened_office(database_url, clock, plain=OFFICE | {"people": {LENA: {"deputy": EVA}}}) as opened:
        yield opened


async def lena_is_away(office: Office) -> None:
    now = office.clock.now
    await office.desk.execute(presence.enter_leave, LENA, LeavePeriod(now, now + timedelta(hours=30)), by=LENA)
    await office.settled()


async def said(office: Office, text: str, command: str = "/desk") -> str:
    answer = await office.person(EVA).command(SUPPORT, command, text)
    return "".join(f"{one['text']}{one.get('blocks')}" for one in answer.ephemerals)


async def test_they_open_the_ticket_and_give_it_to_somebody(office: Office) -> None:
    number = await filed(office)
    await lena_is_away(office)

    opened = await presses(office, EVA, "ticket.more", choose="open:1")
    await office.person(EVA).close()
    await presses(office, EVA, "ticket.assign")
    await submits(office, EVA, assignee=BEN, reason="Lena is away.")

    assert opened.view is not None
    assert "VPN is down" in str(opened.view["blocks"])
    assert (await ticket(office, number)).assignee == BEN
    assert f"<@{BEN}>" in str(card(office)["blocks"])


async def test_their_list_and_their_place_hold_the_team(office: Office) -> None:
    await filed(office)
    await lena_is_away(office)

    assert "VPN is down" in await said(office, "list unassigned", "/ticket")
    assert "Support" in await said(office, "")
    assert "Report · Support" in await said(office, "team support", "/report")


async def test_they_enter_leave_and_say_who_knows_what(office: Office) -> None:
    await lena_is_away(office)

    assert f"<@{BEN}> is away until" in await said(office, "away @ben until tomorrow")
    assert f"<@{ANA}> in Network: can" in await said(office, "skill @ana network can")


async def test_home_says_for_whom_they_stand_in(office: Office) -> None:
    await lena_is_away(office)

    await office.person(EVA).open_home()
    await office.settled()

    assert f"You stand in for <@{LENA}>, who is away" in str(office.person(EVA).home)


async def test_while_the_lead_is_here_they_are_nobody_in_that_team(office: Office) -> None:
    await filed(office)

    outcome = await presses(office, EVA, "ticket.assign")

    assert "You cannot assign this ticket: agents, experts and leads of Support can" in outcome.ephemerals[0]["text"]
    assert "You cannot set these skills" in await said(office, "skill @ana network can")
