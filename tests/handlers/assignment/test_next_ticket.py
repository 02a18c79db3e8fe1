"""*Next ticket*: one at a time with its reason, taken or skipped with one tap."""

from typing import Any

from rules.model.tickets import Status
from tests.desks import Office
from tests.handlers.vpn import ANA, BEN, CLEO, GENERAL, filed, ticket


async def next_by_command(office: Office, who: str) -> dict[str, Any]:
    outcome = await office.person(who).command(GENERAL, "/desk", "next")
    return outcome.ephemerals[-1]


async def test_the_next_ticket_comes_with_its_reason_and_one_tap_takes_it(office: Office) -> None:
    number = await filed(office)
    answer = await next_by_command(office, ANA)
    assert "Why this one: Normal, due" in str(answer["blocks"])

    await office.person(ANA).press(GENERAL, answer["ts"], "next.take")
    await office.settled()

    assert (await ticket(office, number)).assignee == ANA
    assert (await ticket(office, number)).status is Status.IN_PROGRESS


async def test_on_home_it_opens_a_page_in_which_skip_shows_the_next(office: Office) -> None:
    first, second = await filed(office), await filed(office)
    await office.person(ANA).open_home()
    await office.settled()
    await office.person(ANA).press_view("next.show", home=True)
    assert f"*#{first}*" in str(office.person(ANA).view)

    await office.person(ANA).press_view("next.skip")
    assert f"*#{second}*" in str(office.person(ANA).view)

    await office.person(ANA).press_view("next.skip")
    assert "No other unassigned tickets match your skills." in str(office.person(ANA).view)
    assert "You skipped 2 tickets" in str(office.person(ANA).view)


async def test_taken_by_somebody_else_it_says_who_has_it(office: Office) -> None:
    number = await filed(office)
    await office.person(ANA).open_home()
    await office.settled()
    await office.person(ANA).press_view("next.show", home=True)
    answer = await next_by_command(office, BEN)
    await office.person(BEN).press(GENERAL, answer["ts"], "next.take")

    await office.person(ANA).press_view("next.take")

    assert f"#{number} is already assigned to <@{BEN}>." in str(office.person(ANA).view)


async def test_who_works_at_no_desk_reads_who_can(office: Office) -> None:
    answer = await next_by_command(office, CLEO)

    assert "agents, experts and leads can" in answer["text"]
