"""What people pressed is found by person and time, with the leave that lies in it."""

from datetime import timedelta

from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import Leave, PresenceAction, RecordedAction
from services.desk import Desk
from storage.people import people
from storage.presence.logged_time import PresenceHistory, presence_history
from storage.presence.presence import save_presence_action
from storage.presence.time_entries import add_leave
from storage.transaction import Transaction
from tests.desks import MONDAY, HeldClock
from tests.services.vpn import ANA, BEN, LENA

DAY = timedelta(days=1)


async def found(desk: Desk) -> PresenceHistory:
    return await desk.read(presence_history, [ANA, BEN], start=MONDAY, end=MONDAY + DAY)


async def test_each_press_of_the_days_is_there_in_order(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(save_presence_action, ANA, PresenceAction.IN)
    clock.forward(hours=1)
    await desk.execute(save_presence_action, ANA, PresenceAction.ACTIVITY, activity="Meeting")
    await desk.execute(save_presence_action, LENA, PresenceAction.IN)
    clock.forward(days=1)
    await desk.execute(save_presence_action, ANA, PresenceAction.OUT)

    pressed = (await found(desk)).actions

    assert pressed == {
        ANA: [
            RecordedAction(PresenceAction.IN, MONDAY),
            RecordedAction(PresenceAction.ACTIVITY, MONDAY + timedelta(hours=1), "Meeting"),
        ],
        BEN: [],
    }


async def test_leave_that_touches_the_days_is_there_and_what_was_taken_back_is_not(desk: Desk) -> None:
    def enter(tx: Transaction) -> None:
        for begins, ends in ((-2, -1), (-1, 0.5), (0.75, 3), (2, 3)):
            span = LeavePeriod(MONDAY + begins * DAY, MONDAY + ends * DAY, LeaveKind.LEAVE)
            add_leave(tx, ANA, span, by=ANA)
        add_leave(tx, BEN, LeavePeriod(MONDAY, None, LeaveKind.LEAVE), by=BEN).cancelled_at = tx.now

    await desk.execute(enter)

    leaves = (await found(desk)).leaves

    assert [(one.begins, one.ends) for one in leaves[ANA]] == [
        (MONDAY - DAY, MONDAY + DAY / 2),
        (MONDAY + DAY * 0.75, MONDAY + 3 * DAY),
    ]
    assert leaves[BEN] == list[Leave]()


async def test_people_are_called_by_name_where_it_is_known(desk: Desk) -> None:
    await desk.execute(people.save_person, ANA, name="Ana Kowalska", tz="Europe/Warsaw", gone=False)

    assert (await found(desk)).names == {ANA: "Ana Kowalska", BEN: BEN}
