"""Hours are added up from what was pressed, and from nothing else."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from rules.calendars.calendars import Calendar
from rules.presence.logged_time import LoggedTime, sum_logged_time
from rules.presence.presence import Leave, PresenceAction, RecordedAction
from tests.rules.office import OFFICE, H, warsaw

TUESDAY, WEDNESDAY = date(2026, 11, 17), date(2026, 11, 18)
EVENING = warsaw("17T22:00")  # the office closes at 16:00
ANA = "U0AGENT1"
IN, OUT, BREAK = PresenceAction.IN, PresenceAction.OUT, PresenceAction.BREAK


def pressed(at: str, what: PresenceAction, activity: str = "") -> RecordedAction:
    return RecordedAction(what, warsaw(at), activity)


def told(
    *presses: RecordedAction,
    now: datetime = EVENING,
    leaves: tuple[Leave, ...] = (),
    last: date = TUESDAY,
    hours: Calendar = OFFICE,
) -> LoggedTime:
    return sum_logged_time(ANA, presses, leaves, hours, first=TUESDAY, last=last, now=now)


def test_a_day_is_time_for_tickets_breaks_and_what_else_one_was_busy_with() -> None:
    found = told(
        pressed("17T08:00", IN),
        pressed("17T10:00", BREAK),
        pressed("17T10:15", IN),
        pressed("17T12:00", PresenceAction.ACTIVITY, "Meeting"),
        pressed("17T13:00", PresenceAction.ACTIVITY, "Back office"),
        pressed("17T13:30", PresenceAction.ACTIVITY, "Meeting"),
        pressed("17T14:00", IN),
        pressed("17T15:30", OUT),
    )

    assert (found.logged_in_s, found.break_s, found.ticket_s) == (27_000, 900, 18_900)
    assert found.activities == (("Back office", 1_800), ("Meeting", 5_400))
    assert (found.action_count, found.forgotten) == (8, 0)


def test_who_pressed_nothing_is_known_to_have_pressed_nothing() -> None:
    assert told() == LoggedTime(ANA)


def test_who_forgot_to_log_out_was_here_until_their_hours_closed() -> None:
    found = told(pressed("17T09:00", IN))

    assert (found.logged_in_s, found.forgotten) == (7 * H, 1)


def test_what_still_runs_counts_until_now_and_is_not_forgotten() -> None:
    found = told(pressed("17T09:00", IN), now=warsaw("17T11:00"))

    assert (found.logged_in_s, found.forgotten) == (2 * H, 0)


def test_who_logs_out_after_closing_was_here_until_then() -> None:
    found = told(pressed("17T15:00", IN), pressed("17T18:00", OUT))

    assert (found.logged_in_s, found.forgotten) == (3 * H, 0)


def test_pressed_after_closing_and_never_ended_nobody_knows_how_long_it_lasted() -> None:
    found = told(pressed("17T18:00", IN))

    assert (found.logged_in_s, found.action_count, found.forgotten) == (0, 1, 1)


def test_leave_that_begins_ends_what_was_pressed() -> None:
    leave = Leave(warsaw("17T12:00"), warsaw("17T14:00"))

    found = told(pressed("17T09:00", IN), leaves=(leave,))

    assert (found.logged_in_s, found.forgotten) == (3 * H, 0)


def test_leave_of_another_day_or_still_to_come_ends_nothing() -> None:
    tomorrow, later = Leave(warsaw("18T00:00"), None), Leave(warsaw("17T15:00"), None)

    assert told(pressed("17T09:00", IN), leaves=(tomorrow,)).logged_in_s == 7 * H
    assert told(pressed("17T09:00", IN), leaves=(later,), now=warsaw("17T11:00")).logged_in_s == 2 * H


def test_a_press_does_not_reach_into_the_next_day() -> None:
    found = told(pressed("17T09:00", IN), pressed("18T09:00", OUT), last=WEDNESDAY, now=warsaw("18T12:00"))

    assert (found.logged_in_s, found.forgotten) == (7 * H, 1)


def test_days_that_were_not_asked_for_are_left_out() -> None:
    found = told(pressed("16T09:00", IN), pressed("16T10:00", OUT), pressed("17T09:00", OUT), pressed("18T09:00", IN))

    assert (found.logged_in_s, found.action_count) == (0, 1)


@pytest.mark.parametrize(("zone", "presses"), [("Europe/Warsaw", 1), ("America/New_York", 0)])
def test_the_day_is_that_of_the_persons_own_clock(zone: str, presses: int) -> None:
    assert told(pressed("17T04:00", OUT), hours=replace(OFFICE, timezone=zone, holidays="")).action_count == presses
