"""After the first reply the customer's next word is answered in time too, and the experts answer as a row says."""

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rules.intake.requests import TicketRequest
from rules.model.timers import TimerKind, TimerState
from services.desk import Desk
from services.tickets import tickets
from tests.desks import OFFICE, HeldClock, opened_desk
from tests.services.vpn import ANA, CLEO, asked, filed, promise, ticket

NEXT, FIRST, ANSWER = TimerKind.NEXT_RESPONSE, TimerKind.FIRST_RESPONSE, TimerKind.EXPERT_ANSWER


@pytest.fixture
async def desk(database_url: str, clock: HeldClock) -> AsyncIterator[Desk]:
    plain: dict[str, Any] = copy.deepcopy(OFFICE)
    plain["companies"] = {
        "acme": {"name": "Acme", "customers": ["Acme Ltd"], "people": ["U0ACME1"], "channels": ["C0ACME"]}
    }
    plain["sla"] = [
        {"company": "acme", "first_response": "10m"},
        {"channel": "C0VIP", "first_response": "5m"},
        {"customer": "Lakeside", "first_response": "20m"},
        {"team": "network", "expert_answer": "15m"},
        {"next_response": "1h", "first_response": "2h", "resolution": "3d"},
    ]
    async with opened_desk(database_url, clock, plain=plain) as opened:
        yield opened


async def replied(desk: Desk) -> int:
    number = await filed(desk)
    await desk.execute(tickets.reply, number, by=ANA, text="Which floor?")
    return number


async def test_before_the_first_reply_the_customers_word_starts_nothing(desk: Desk) -> None:
    number = await filed(desk)

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="It is urgent.")

    with pytest.raises(KeyError):
        await promise(desk, number, NEXT)


async def test_after_it_the_customers_word_starts_the_next_and_a_reply_meets_it(desk: Desk, clock: HeldClock) -> None:
    number = await replied(desk)
    clock.forward(minutes=10)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Floor 3.")
    begun = await promise(desk, number, NEXT)
    clock.forward(minutes=30)

    await desk.execute(tickets.reply, number, by=ANA, text="Thank you.")

    met = await promise(desk, number, NEXT)
    assert (begun.started_at, begun.duration_text) == (clock.now.replace(minute=10), "1h")
    assert (met.state, met.closed_at) == (TimerState.MET, clock.now)


async def test_a_second_word_does_not_begin_it_anew(desk: Desk, clock: HeldClock) -> None:
    number = await replied(desk)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Floor 3.")
    begun = await promise(desk, number, NEXT)
    clock.forward(minutes=30)

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="And floor 4.")

    assert await promise(desk, number, NEXT) == begun


async def test_each_answer_is_promised_by_itself(desk: Desk, clock: HeldClock) -> None:
    number = await replied(desk)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Floor 3.")
    await desk.execute(tickets.reply, number, by=ANA, text="Thank you.")
    clock.forward(minutes=20)

    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Any news?")

    anew = await promise(desk, number, NEXT)
    assert (anew.state, anew.started_at, anew.events) == (TimerState.RUNNING, clock.now, ())


async def test_waiting_for_the_customer_stops_it(desk: Desk, clock: HeldClock) -> None:
    number = await replied(desk)
    await desk.execute(tickets.add_requester_message, number, by=CLEO, text="Floor 3.")

    await desk.execute(tickets.wait_for_customer, number, by=ANA)

    assert (await promise(desk, number, NEXT)).state is TimerState.PAUSED


async def test_the_experts_answer_is_promised_by_the_row_of_the_team_that_is_asked(desk: Desk) -> None:
    number = await filed(desk)

    await asked(desk, number)

    answer = await promise(desk, number, ANSWER)
    assert (answer.duration_text, answer.conditions_text, answer.calendar) == ("15m", "team network", "office")


@pytest.mark.parametrize(
    ("facts", "promised", "company"),
    [
        ({"customer": "acme ltd"}, "10m", "acme"),
        ({"customer": "ACME"}, "10m", "acme"),
        ({"requester": "U0ACME1"}, "10m", "acme"),
        ({"origin_channel": "C0ACME"}, "10m", "acme"),
        ({"origin_channel": "C0VIP"}, "5m", None),
        ({"customer": "lakeside"}, "20m", None),
        ({"customer": "Nobody", "origin_channel": "C0GENERAL"}, "2h", None),
    ],
)
async def test_who_it_is_for_and_where_it_was_asked_decide_the_promise(
    desk: Desk, facts: dict[str, str], promised: str, company: str | None
) -> None:
    about = {"title": "VPN is down", "requester": CLEO, "registered_by": ANA, "type": "network"} | facts
    request = TicketRequest(**about)  # type: ignore[arg-type]

    number = await desk.execute(tickets.create_ticket, request)

    assert (await promise(desk, number, FIRST)).duration_text == promised
    assert (await ticket(desk, number)).company == company
