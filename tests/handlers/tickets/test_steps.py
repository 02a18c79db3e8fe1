"""A type with steps: the card names the open one and its time, and the last one done leaves the solution."""

import asyncio
import copy
from collections.abc import AsyncIterator

import pytest

from services.tickets import tickets
from tests.desks import OFFICE, HeldClock, Office, opened_office
from tests.handlers.vpn import ANA, BEN, SUPPORT, buttons, card, filed, presses, story


@pytest.fixture
async def office(database_url: str, clock: HeldClock) -> AsyncIterator[Office]:
    plain = copy.deepcopy(OFFICE)
    plain["types"]["network"]["steps"] = [
        {"name": "Check the account", "within": "30m"},
        {"name": "Grant access", "within": "1h"},
    ]
    async with opened_office(database_url, clock, plain=plain) as opened:
        yield opened


async def taken(office: Office) -> int:
    number = await filed(office)
    await presses(office, ANA, "ticket.take")
    return number


async def test_the_card_names_the_open_step_and_its_due_time(office: Office) -> None:
    await taken(office)

    words = card(office)["blocks"][0]["text"]["text"]
    assert "\nStep 1 of 2: Check the account\n" in words
    assert "Step due <!date^" in words
    assert buttons(card(office)) == ["Done: Check the account", "Resolve…", "Assign…", "Escalate…"]


async def test_done_the_next_step_is_open(office: Office) -> None:
    await taken(office)

    await presses(office, BEN, "ticket.step")

    assert buttons(card(office))[0] == "Done: Grant access"
    assert story(office)[-1] == "#1: ✓ <@U0AGENT2> did the step Check the account; next: Grant access"


async def test_a_late_step_says_so(office: Office) -> None:
    await taken(office)
    office.clock.forward(minutes=31)

    await presses(office, ANA, "ticket.step")

    assert "did the step Check the account ⚠️ late; next: Grant access" in story(office)[-1]


async def test_past_the_last_step_the_solution_is_the_next_thing(office: Office) -> None:
    await taken(office)
    await presses(office, ANA, "ticket.step")
    await presses(office, ANA, "ticket.step")

    assert buttons(card(office)) == ["Resolve…", "Assign…", "Escalate…", "Reply…"]
    assert card(office)["blocks"][-1]["elements"][0]["style"] == "primary"
    assert story(office)[-1].endswith("did the last step, Grant access")


async def test_of_two_who_press_at_once_one_step_is_done_and_the_other_reads_who(office: Office) -> None:
    await taken(office)
    ts = card(office)["ts"]

    told = await asyncio.gather(
        office.person(ANA).press(SUPPORT, ts, "ticket.step"), office.person(BEN).press(SUPPORT, ts, "ticket.step")
    )
    await office.settled()

    (refused,) = [one["text"] for outcome in told for one in outcome.ephemerals]
    assert refused.endswith("was first: that step of #1 is not the current one any more.")
    assert buttons(card(office))[0] == "Done: Grant access"


async def test_while_the_customer_is_asked_the_step_waits_too(office: Office) -> None:
    await taken(office)

    await presses(office, ANA, "ticket.more", choose="wait:1")

    assert "Step: on hold, waiting for customer" in str(card(office)["blocks"])


async def test_before_it_is_taken_no_step_can_be_done(office: Office) -> None:
    await filed(office)

    assert buttons(card(office)) == ["Take", "Assign…", "Escalate…", "Resolve…"]


async def test_resolved_it_names_no_step(office: Office) -> None:
    number = await taken(office)
    await office.desk.execute(tickets.resolve, number, by=ANA, solution="It works.")
    await office.settled()

    assert "Step 1 of 2" not in str(card(office)["blocks"])
