"""How fast a channel may be spoken to."""

from datetime import UTC, datetime

import pytest

from bot.runtime.rate_limits import BURST_MESSAGES, RateLimits, retry_after_seconds
from tests.desks import MONDAY, HeldClock

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


async def test_a_burst_goes_out_at_once_and_the_next_waits_for_its_turn(clock: HeldClock) -> None:
    lanes = RateLimits(seconds_per_message=1.0, monotonic=clock.monotonic)
    for _ in range(BURST_MESSAGES):
        await lanes.wait_for_slot("C0SUPPORT")

    assert lanes.wait_seconds("C0SUPPORT") == 1
    assert lanes.wait_seconds("C0NETWORK") == 0


def test_a_held_lane_is_silent_until_its_time_and_no_other_is(clock: HeldClock) -> None:
    lanes = RateLimits(seconds_per_message=1.0, monotonic=clock.monotonic)

    lanes.pause("C0SUPPORT", 30)

    assert (lanes.is_paused("C0SUPPORT"), lanes.seconds_until_free()) == (True, 30)
    assert not lanes.is_paused("C0NETWORK")
    clock.forward(seconds=30)
    assert (lanes.is_paused("C0SUPPORT"), lanes.seconds_until_free()) == (False, None)


def test_a_clock_that_is_set_back_holds_up_nobody(clock: HeldClock) -> None:
    lanes = RateLimits(seconds_per_message=1.0, monotonic=clock.monotonic)
    lanes.pause("C0SUPPORT", 30)
    clock.forward(seconds=30)

    clock.now = MONDAY.replace(hour=1)

    assert not lanes.is_paused("C0SUPPORT")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0.5", 0.5),
        ("Mon, 05 Oct 2026 09:01:00 GMT", 60.0),
        ("Mon, 05 Oct 2026 09:01:00 -0000", 60.0),
        ("86400", 600.0),
        ("Tue, 06 Oct 2026 09:00:00 GMT", 600.0),
        ("Mon, 05 Oct 2026 08:59:00 GMT", 1.0),
        ("0", 1.0),
        ("-5", 1.0),
        ("nan", 1.0),
        ("inf", 1.0),
        ("soon", 1.0),
        ("", 1.0),
        (None, 1.0),
    ],
)
def test_slack_is_believed_when_it_says_how_long_to_wait_but_for_ten_minutes_at_most(
    value: str | None, seconds: float
) -> None:
    assert retry_after_seconds(value, NOW) == seconds
