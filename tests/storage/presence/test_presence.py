"""Who is where, as it is remembered."""

from datetime import UTC, datetime, timedelta

from rules.presence.leave import LeaveKind, LeavePeriod
from rules.presence.presence import PresenceAction, PresenceStatus
from services.desk import Desk
from services.tickets import tickets
from storage.people import people
from storage.presence.board import board_entries, last_board_digest, older_boards, overdue_counts
from storage.presence.presence import (
    absent_people,
    latest_presence_actions,
    presence_by_person,
    presence_of,
    save_presence_action,
)
from storage.presence.time_entries import add_leave, all_entries, current_entries, leave_by_person
from storage.schema.people import LeaveEntry
from storage.transaction import Transaction
from tests.desks import MONDAY, HeldClock
from tests.services.vpn import ANA, BEN, LENA, filed

WEEK = LeavePeriod(MONDAY, MONDAY + timedelta(days=7), LeaveKind.HOLIDAY, "Skiing")


def enter(tx: Transaction, person: str, span: LeavePeriod) -> int:
    return add_leave(tx, person, span, by=LENA).id


async def test_the_newest_press_of_each_counts(desk: Desk, clock: HeldClock) -> None:
    for what in (PresenceAction.IN, PresenceAction.BREAK):
        await desk.execute(save_presence_action, ANA, what)
        clock.forward(minutes=5)
    await desk.execute(save_presence_action, BEN, PresenceAction.ACTIVITY, activity="Meeting")

    found = await desk.read(latest_presence_actions, [ANA, BEN, LENA])

    assert {who: (one.action, one.activity) for who, one in found.items()} == {
        ANA: (PresenceAction.BREAK, ""),
        BEN: (PresenceAction.ACTIVITY, "Meeting"),
    }


async def test_of_two_presses_at_one_moment_the_later_counts(desk: Desk) -> None:
    await desk.execute(save_presence_action, ANA, PresenceAction.BREAK)
    await desk.execute(save_presence_action, ANA, PresenceAction.IN)

    assert (await desk.read(latest_presence_actions, [ANA]))[ANA].action is PresenceAction.IN


async def test_leave_that_is_over_or_was_taken_back_is_none(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(enter, ANA, WEEK)
    await desk.execute(enter, BEN, WEEK)
    await desk.execute(cancelled, BEN)

    now = await desk.read(leave_by_person, [ANA, BEN], at=MONDAY)
    later = await desk.read(leave_by_person, [ANA, BEN], at=MONDAY + timedelta(days=7))

    assert ([len(now[who]) for who in (ANA, BEN)], later) == ([1, 0], {ANA: [], BEN: []})


def cancelled(tx: Transaction, person: str) -> None:
    (row,) = current_entries(tx, LeaveEntry, [person], at=tx.now)
    row.cancelled_at = tx.now


async def test_entries_are_numbered_by_person(desk: Desk) -> None:
    later = LeavePeriod(MONDAY + timedelta(days=9), None)

    numbers = [await desk.execute(enter, *one) for one in ((ANA, WEEK), (ANA, later), (BEN, WEEK))]

    rows = await desk.read(all_entries, LeaveEntry, ANA)
    assert (numbers, [row.reason for row in rows]) == ([1, 2, 1], ["Skiing", ""])


async def test_each_person_is_read_by_their_own_leave_and_hours(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(enter, ANA, WEEK)
    await desk.execute(save_presence_action, BEN, PresenceAction.BREAK)
    await desk.execute(people.save_person, LENA, name="Lena", tz="UTC", gone=True)

    found = await desk.read(presence_by_person, [ANA, BEN, LENA], policy=desk.policy, team="support", at=clock.now)

    assert [one.status for one in found.values()] == [PresenceStatus.AWAY, PresenceStatus.BREAK, PresenceStatus.GONE]
    away = await desk.read(absent_people, [ANA, BEN, LENA], policy=desk.policy, team="support", at=clock.now)
    assert away == {ANA, LENA}


async def test_who_is_in_no_team_and_has_pressed_nothing_is_here(desk: Desk, clock: HeldClock) -> None:
    assert (await desk.read(presence_of, "U0MANAGER1", policy=desk.policy, at=clock.now)).is_at_work


async def test_a_seat_has_what_is_held_and_what_of_it_is_overdue(desk: Desk, clock: HeldClock) -> None:
    await desk.execute(tickets.take, await filed(desk), by=ANA)
    clock.forward(days=3)
    await desk.execute(tickets.take, await filed(desk), by=ANA)

    found = await desk.read(board_entries, [ANA, BEN], policy=desk.policy, team="support", at=clock.now)

    assert {who: (seat.open_count, seat.overdue_count) for who, seat in found.items()} == {ANA: (2, 1), BEN: (0, 0)}
    assert await desk.read(overdue_counts, [BEN], at=clock.now) == {}


async def test_before_the_first_card_nothing_was_shown(desk: Desk) -> None:
    assert await desk.read(last_board_digest, destination="C0SUPPORT", subject="2026-10-05:support") is None
    assert await desk.read(older_boards, destination="C0SUPPORT", subject="2026-10-05:support") == []


async def test_moments_come_back_as_they_went_in(desk: Desk) -> None:
    span = LeavePeriod(datetime(2026, 10, 25, 0, 30, 0, 5, tzinfo=UTC), None, LeaveKind.SICK)
    await desk.execute(enter, ANA, span)

    rows: list[LeaveEntry] = list(await desk.read(all_entries, LeaveEntry, ANA))

    assert [(row.begins, row.ends, row.kind) for row in rows] == [(span.begins, None, "sick")]
