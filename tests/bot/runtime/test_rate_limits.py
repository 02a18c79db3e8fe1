"""How fast a channel may be spoken to."""

from datetime import UTC, datetime, timedelta

from bot.runtime.rate_limits import BURST, Lanes

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


async def test_a_burst_goes_out_at_once_and_the_next_waits_for_its_turn() -> None:
    lanes = Lanes(pace=1000.0)
    for _ in range(BURST):
        await lanes.turn("C0SUPPORT")

    assert lanes.wait("C0SUPPORT") > 0
    assert lanes.wait("C0NETWORK") == 0


def test_a_held_lane_is_silent_until_its_time_and_no_other_is() -> None:
    lanes = Lanes(pace=1.0)

    lanes.hold("C0SUPPORT", NOW + timedelta(seconds=30))

    assert lanes.silent("C0SUPPORT", NOW)
    assert not lanes.silent("C0SUPPORT", NOW + timedelta(seconds=30))
    assert not lanes.silent("C0NETWORK", NOW)
