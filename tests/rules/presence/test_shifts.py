"""Whoever has a shift of their own works in it beside their calendar."""

from datetime import timedelta

import pytest

from rules.alerts import reachable_at
from rules.calendars.calendars import Calendar, business_seconds_between
from rules.forecasts.inputs import person_work_periods
from rules.model.people import PersonProfile
from rules.model.policy import Policy, Team
from rules.presence.presence import Leave, Presence, PresenceAction, PresenceStatus, RecordedAction, current_presence
from rules.presence.shifts import Shift, with_own_shifts
from tests.rules.presence.test_presence import MONDAY, NOBODY_PRESSED, OFFICE, warsaw

SATURDAY = Shift(warsaw("2026-10-10 09:00"), warsaw("2026-10-10 13:00"))
POLICY = Policy(calendars={"office": OFFICE}, teams={"a": Team("a", "A", calendar="office", agents=("U1",))})


def now_is(
    at: str, *own: Shift, pressed: RecordedAction | None = NOBODY_PRESSED, leaves: tuple[Leave, ...] = ()
) -> Presence:
    return current_presence(with_own_shifts(OFFICE, own), PersonProfile(), leaves, pressed, warsaw(at))


def test_in_their_shift_they_are_at_work_until_it_ends() -> None:
    assert now_is("2026-10-10 10:00", SATURDAY) == Presence(PresenceStatus.AT_WORK, until=SATURDAY.ends)
    assert now_is("2026-10-10 13:00", SATURDAY) == Presence(PresenceStatus.OFF, until=warsaw("2026-10-12 08:00"))


def test_who_is_off_is_back_for_the_next_shift() -> None:
    assert now_is("2026-10-09 17:00", SATURDAY) == Presence(PresenceStatus.OFF, until=SATURDAY.begins)


def test_a_shift_over_their_hours_changes_nothing_within_them() -> None:
    longer = Shift(warsaw("2026-10-05 10:00"), warsaw("2026-10-05 18:00"))

    assert now_is("2026-10-05 09:00", longer) == Presence(PresenceStatus.AT_WORK, until=longer.ends)
    assert now_is("2026-10-05 17:00", longer) == Presence(PresenceStatus.AT_WORK, until=longer.ends)


def test_leave_counts_before_a_shift_and_so_does_who_logged_out() -> None:
    away = Leave(warsaw("2026-10-10 00:00"), warsaw("2026-10-11 00:00"))
    out = RecordedAction(PresenceAction.OUT, warsaw("2026-10-10 10:00"))

    assert now_is("2026-10-10 10:00", SATURDAY, leaves=(away,)).status is PresenceStatus.AWAY
    assert now_is("2026-10-10 11:00", SATURDAY, pressed=out).status is PresenceStatus.OFF


def test_a_log_in_that_was_forgotten_ends_with_the_shift() -> None:
    pressed = RecordedAction(PresenceAction.IN, warsaw("2026-10-10 09:05"))

    assert now_is("2026-10-10 12:00", SATURDAY, pressed=pressed).until == SATURDAY.ends
    assert now_is("2026-10-10 14:00", SATURDAY, pressed=pressed).status is PresenceStatus.OFF


@pytest.mark.parametrize(("evening", "hours"), [("2026-10-24", 9), ("2027-03-27", 7), ("2026-12-05", 8)])
def test_a_night_is_as_long_as_the_clock_makes_it(evening: str, hours: int) -> None:
    begins = warsaw(f"{evening} 22:00")
    night = Shift(begins, begins + timedelta(hours=hours))
    works = with_own_shifts(OFFICE, (night,))

    assert (
        business_seconds_between(works, night.begins - timedelta(hours=2), night.ends + timedelta(hours=2))
        == hours * 3600
    )


def test_a_closed_day_is_open_for_who_works_then() -> None:
    closed = Calendar("Europe/Warsaw", OFFICE.hours, closed=frozenset({SATURDAY.begins.date()}))

    assert (
        business_seconds_between(
            with_own_shifts(closed, (SATURDAY,)), MONDAY + timedelta(days=4, hours=8), SATURDAY.ends
        )
        == 4 * 3600
    )


def test_who_works_on_saturday_is_told_then_and_counted_on_then() -> None:
    friday = warsaw("2026-10-09 17:00")

    assert reachable_at(POLICY, "U1", "a", friday, own_shifts=(SATURDAY,)) == SATURDAY.begins
    first = person_work_periods(POLICY, "U1", "a", friday, own_shifts=(SATURDAY,))[0]
    assert (first.start, first.end) == (SATURDAY.begins.timestamp(), SATURDAY.ends.timestamp())
