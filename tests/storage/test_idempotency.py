"""A key that is claimed for a while: the same text, typed again at once, is the same request."""

from datetime import timedelta

from services.desk import Desk
from storage.idempotency import claim_key
from tests.desks import HeldClock

WINDOW = timedelta(seconds=10)


async def test_a_key_is_claimed_once_within_its_window(desk: Desk, clock: HeldClock) -> None:
    claims = []
    for seconds in (0, 9, 2):
        clock.forward(seconds=seconds)
        claims.append(await desk.execute(claim_key, "typed:1", window=WINDOW))

    assert claims == [True, False, True]


async def test_a_clock_that_was_ahead_holds_no_key_until_it_is_there_again(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(claim_key, "typed:1", window=WINDOW)
    clock.forward(hours=-1)

    assert await desk.execute(claim_key, "typed:1", window=WINDOW)
