"""What a lead gives to somebody who is away, and says why, is not handed over; they read that it is still there."""

from services.desk import Desk
from tests.desks import HeldClock
from tests.services.leaves import given, holds, on_leave, swept
from tests.services.vpn import ANA, LENA, MIA, told


async def given_to_ana_on_leave(desk: Desk) -> int:
    """Lena gives Ana a ticket, and says why, although she is away."""
    await on_leave(desk)
    (number,) = await given(desk, 1, begun=False)
    return number


async def test_what_a_lead_gives_to_somebody_who_is_away_and_says_why_stays(desk: Desk) -> None:
    number = await given_to_ana_on_leave(desk)

    assert await swept(desk) == 0

    assert await holds(desk, ANA) == [number]
    assert await told(desk, LENA) == []


async def test_the_lead_reads_once_a_day_that_it_is_still_there(desk: Desk, clock: HeldClock) -> None:
    number = await given_to_ana_on_leave(desk)

    for _ in range(2):
        clock.forward(days=1)
        await swept(desk)
        await swept(desk)

    assert await told(desk, LENA) == [f"Still assigned to <@{ANA}>, who is away until Sat 10 Oct 09:00: #{number}."] * 2


async def test_where_that_lead_is_away_too_the_manager_reads_it(desk: Desk, clock: HeldClock) -> None:
    number = await given_to_ana_on_leave(desk)
    await on_leave(desk, LENA)
    clock.forward(days=1)

    await swept(desk)

    assert await told(desk, LENA) == []
    assert [
        words for words in await told(desk, MIA) if words.startswith("Still assigned") and f"#{number}" in words
    ] != []


async def test_what_she_was_given_before_her_leave_is_handed_over_whatever_was_said(desk: Desk) -> None:
    (number,) = await given(desk, 1, begun=False)
    await on_leave(desk)

    assert await swept(desk) == 1
    assert number not in await holds(desk, ANA)
