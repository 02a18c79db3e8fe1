"""How fast a channel may be spoken to."""

from datetime import UTC, datetime, timedelta

from bot.runtime.rate_limits import BURST_MESSAGES, RateLimits

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


async def test_a_burst_goes_out_at_once_and_the_next_waits_for_its_turn() -> None:
    lanes = RateLimits(seconds_per_message=1e9)  # longer than any machine has been up
    for _ in range(BURST_MESSAGES):
        await lanes.wait_for_slot("C0SUPPORT")

    assert lanes.wait_seconds("C0SUPPORT") > 0
    assert lanes.wait_seconds("C0NETWORK") == 0


def test_a_held_lane_is_silent_until_its_time_and_no_other_is() -> None:
    lanes = RateLimits(seconds_per_message=1.0)

    lanes.pause_until("C0SUPPORT", NOW + timedelta(seconds=30))

    assert lanes.is_paused("C0SUPPORT", NOW)
    assert not lanes.is_paused("C0SUPPORT", NOW + timedelta(seconds=30))
    assert not lanes.is_paused("C0NETWORK", NOW)
