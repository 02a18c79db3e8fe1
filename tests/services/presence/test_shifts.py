"""People say that they work beside their calendar, and leads say it for theirs."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.errors import Refused
from rules.people.permissions import NotAllowed
from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import PresenceAction, PresenceStatus
from rules.presence.shifts import Shift
from services.desk import Desk
from services.presence import presence, shifts
from storage.presence.time_entries import find_entry
from storage.schema.people import ShiftEntry
from tests.desks import HeldClock
from tests.services.presence.test_presence import stands, told
from tests.services.vpn import ANA, BEN, CLEO, LENA

SATURDAY = datetime(2026, 10, 10, 7, 0, tzinfo=UTC)  # 9:00 in Warsaw
SHIFT = Shift(SATURDAY, SATURDAY + timedelta(hours=4))


async def test_who_works_on_saturday_is_here_then_and_off_afterwards(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)
    clock.forward(days=5, hours=1)
    in_it, colleague = await stands(desk, ANA), await stands(desk, BEN)
    clock.forward(hours=4)

    assert (in_it.status, in_it.until) == (PresenceStatus.AT_WORK, SHIFT.ends)
    assert colleague.status is PresenceStatus.OFF
    assert (await stands(desk, ANA)).status is PresenceStatus.OFF


async def test_a_log_in_of_a_shift_that_is_over_counts_no_more(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)
    clock.forward(days=5, hours=1)
    await desk.execute(presence.set_presence, by=ANA, what=PresenceAction.IN)
    clock.forward(hours=4)

    assert (await stands(desk, ANA)).status is PresenceStatus.OFF


async def test_leave_that_is_entered_later_wins(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)
    await desk.execute(
        presence.enter_leave, ANA, LeavePeriod(SATURDAY, SATURDAY + timedelta(days=1), LeaveKind.SICK), by=ANA
    )
    clock.forward(days=5, hours=1)

    assert (await stands(desk, ANA)).status is PresenceStatus.AWAY


async def test_over_leave_it_is_refused_by_name(desk: Desk) -> None:
    await desk.execute(
        presence.enter_leave, ANA, LeavePeriod(SATURDAY, SATURDAY + timedelta(hours=2), LeaveKind.FAMILY), by=ANA
    )

    with pytest.raises(Refused, match=r"You are away on Sat 10 Oct from 09:00 until 11:00 \(Family\)"):
        await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)


async def test_over_another_shift_it_is_refused_and_right_after_it_is_not(desk: Desk) -> None:
    await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)

    with pytest.raises(Refused, match="You already have an extra shift: Sat 10 Oct, 09:00-13:00"):
        await desk.execute(
            shifts.enter_shift, ANA, Shift(SHIFT.ends - timedelta(hours=1), SHIFT.ends + timedelta(hours=1)), by=ANA
        )
    assert await desk.execute(shifts.enter_shift, ANA, Shift(SHIFT.ends, SHIFT.ends + timedelta(hours=1)), by=ANA) == 2


async def test_a_lead_enters_it_and_both_read_of_it(desk: Desk) -> None:
    await desk.execute(shifts.enter_shift, BEN, SHIFT, by=LENA)
    await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)

    assert await told(desk, BEN) == [f"<@{LENA}> entered an extra shift for you: Sat 10 Oct, 09:00-13:00."]
    assert await told(desk, LENA) == [f"<@{ANA}> has an extra shift: Sat 10 Oct, 09:00-13:00 (entered by <@{ANA}>)."]


@pytest.mark.parametrize("by", [ANA, CLEO])
async def test_nobody_else_may(desk: Desk, by: str) -> None:
    with pytest.raises(NotAllowed):
        await desk.execute(shifts.enter_shift, BEN, SHIFT, by=by)


async def test_taken_back_it_was_never_there(desk: Desk, clock: HeldClock) -> None:
    id_ = await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)
    words = await desk.execute(shifts.cancel_shift, ANA, id_, by=ANA)
    clock.forward(days=5, hours=1)

    assert str(words) == "Extra shift canceled: Sat 10 Oct, 09:00-13:00."
    assert (await stands(desk, ANA)).status is PresenceStatus.OFF
    with pytest.raises(shifts.ShiftOver):
        await desk.execute(shifts.cancel_shift, ANA, id_, by=ANA)


async def test_a_shift_that_runs_ends_when_it_is_taken_back(desk: Desk, clock: HeldClock) -> None:
    id_ = await desk.execute(shifts.enter_shift, ANA, SHIFT, by=ANA)
    clock.forward(days=5, hours=1)
    await desk.execute(shifts.cancel_shift, ANA, id_, by=ANA)

    row = await desk.read(find_entry, ShiftEntry, ANA, id_)
    assert row is not None
    assert (row.ends, row.cancelled_at) == (clock.now, None)
    assert (await stands(desk, ANA)).status is PresenceStatus.OFF
