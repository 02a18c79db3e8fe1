"""Leave that runs gets another end: the entry before ends where the new one begins, and nobody was back between."""

from datetime import timedelta

import pytest

from rules.errors import Refused
from rules.presence.leave import LeaveKind, LeavePeriod
from services.desk import Desk
from services.presence import presence
from storage.presence.time_entries import all_entries, find_entry
from storage.schema.people import LeaveEntry
from tests.desks import MONDAY, HeldClock
from tests.services.presence.test_presence import LATER, NOW, THURSDAY, stands, told
from tests.services.vpn import ANA, BEN, LENA

SO_LONG = "until further notice"


@pytest.mark.parametrize("first", [LeavePeriod(MONDAY, THURSDAY), LeavePeriod(MONDAY, None, LeaveKind.SICK)])
async def test_leave_that_runs_gets_another_end_in_one_message(
    desk: Desk, clock: HeldClock, first: LeavePeriod
) -> None:
    was = await desk.execute(presence.enter_leave, ANA, first, by=ANA)
    clock.forward(hours=1)
    longer = LeavePeriod(clock.now, THURSDAY + timedelta(days=2), LeaveKind.SICK)

    await desk.execute(presence.enter_leave, ANA, longer, by=ANA)

    old = await desk.read(find_entry, LeaveEntry, ANA, was)
    assert old is not None
    assert (old.begins, old.ends) == (MONDAY, clock.now)
    assert (await stands(desk, ANA)).until == longer.ends
    words = await told(desk, LENA)
    assert words[1:] == [
        f"<@{ANA}> will be away until Fri 9 Oct (Sick, entered by <@{ANA}>). "
        f"Before: {'until Wed 7 Oct' if first.ends else SO_LONG}. No open tickets are assigned to them."
    ]


async def test_a_lead_changes_it_too_and_the_person_reads_it(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.enter_leave, BEN, NOW, by=BEN)
    clock.forward(hours=1)

    await desk.execute(presence.enter_leave, BEN, LeavePeriod(clock.now, THURSDAY - timedelta(days=1)), by=LENA)

    assert await told(desk, BEN) == [f"<@{LENA}> changed your leave: until Tue 6 Oct (Leave). Before: until Wed 7 Oct."]


async def test_leave_that_is_prolonged_from_a_later_day_goes_on_without_a_gap(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.enter_leave, ANA, NOW, by=ANA)
    sick = LeavePeriod(THURSDAY - timedelta(days=1), THURSDAY + timedelta(days=2), LeaveKind.SICK)

    await desk.execute(presence.enter_leave, ANA, sick, by=ANA)

    assert (await stands(desk, ANA)).until == sick.ends
    assert [row.kind for row in await desk.read(all_entries, LeaveEntry, ANA)] == ["leave", "sick"]


async def test_a_new_end_over_other_leave_is_refused_and_changes_nothing(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(presence.enter_leave, ANA, NOW, by=ANA)
    await desk.execute(presence.enter_leave, ANA, LATER, by=ANA)

    with pytest.raises(Refused, match="from Thu 8 Oct until Fri 9 Oct"):
        await desk.execute(presence.enter_leave, ANA, LeavePeriod(MONDAY, THURSDAY + timedelta(days=1)), by=ANA)
    with pytest.raises(Refused, match="You are already away until Wed 7 Oct"):
        await desk.execute(presence.enter_leave, ANA, NOW, by=ANA)

    assert (await stands(desk, ANA)).until == LATER.ends
