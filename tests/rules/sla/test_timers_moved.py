"""What moves a promise: more time, other rules; and the warnings that go with it."""

from dataclasses import replace

import pytest

from rules.calendars.calendars import Calendar
from rules.calendars.durations import parse_duration
from rules.model.policy import WarningPoint
from rules.model.tickets import Priority
from rules.model.timers import BREACH_LEVEL
from rules.sla.targets import SlaCase
from rules.sla.timers import (
    advance_alert,
    alert_moments,
    close_timer,
    extend_timer,
    pause_timer,
    recalculate_timer,
    resume_timer,
)
from tests.rules.office import DESK, H, changed, filed, warsaw


def test_more_time_begins_where_the_promise_ended() -> None:
    longer = extend_timer(DESK, filed("20 09:00"), parse_duration("2h"), warsaw("20 10:00"), reason="vendor")

    assert (longer.due_at, longer.total_s, longer.events[-1].granted_s) == (warsaw("20 15:00"), 6 * H, 2 * H)


def test_more_time_for_what_is_overdue_begins_now_and_its_warnings_are_given_anew() -> None:
    told, _ = advance_alert(DESK, filed("20 09:00"), warsaw("20 14:00"))

    longer = extend_timer(DESK, told, parse_duration("6h"), warsaw("20 15:00"), reason="vendor")

    assert (told.alert_level, longer.due_at, longer.alert_level, longer.escalation_step) == (
        BREACH_LEVEL,
        warsaw("23 13:00"),
        0,
        0,
    )
    assert longer.next_alert_at == warsaw("23 08:00")


def test_more_time_in_days_is_the_same_time_on_a_later_working_day() -> None:
    longer = extend_timer(DESK, filed("20 09:00"), parse_duration("1d"), warsaw("20 10:00"), reason="vendor")

    assert (longer.due_at, longer.events[-1].granted_s) == (warsaw("23 13:00"), 8 * H)


def test_a_paused_clock_gets_the_time_when_it_runs_on() -> None:
    waiting = pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    running = resume_timer(
        DESK, extend_timer(DESK, waiting, parse_duration("2h"), warsaw("20 11:00"), reason=""), warsaw("23 08:00")
    )

    assert running.due_at == warsaw("23 13:00")


def test_a_closed_clock_gets_no_more_time() -> None:
    met = close_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert extend_timer(DESK, met, parse_duration("2h"), warsaw("20 11:00"), reason="") == met


def test_what_was_granted_stays_granted_when_the_promise_changes() -> None:
    longer = extend_timer(DESK, filed("20 09:00"), parse_duration("2h"), warsaw("20 10:00"), reason="vendor")

    moved = changed(longer, "20 11:00", Priority.CRITICAL)

    assert (moved.total_s, moved.due_at) == (4 * H, warsaw("20 13:00"))


def test_used_time_is_that_of_the_calendar_that_counted_then() -> None:
    longer_days = replace(DESK, calendars={"office": Calendar("Europe/Warsaw", (((6 * H, 20 * H),),) * 7)})
    case = SlaCase("other", Priority.NORMAL, "support")

    moved = recalculate_timer(longer_days, filed("20 15:00"), case, now=warsaw("20 18:00"), reason="rules", before=DESK)

    assert moved.due_at == warsaw("21 07:00")  # one of four hours is used; two are left on Friday, one on Saturday


def test_the_same_promise_by_the_same_calendar_changes_nothing() -> None:
    clock = filed("20 09:00")

    assert (
        recalculate_timer(
            DESK, clock, SlaCase("other", Priority.NORMAL, "support"), now=warsaw("20 10:00"), before=DESK
        )
        == clock
    )


@pytest.mark.parametrize(
    ("warn_at", "moments"),
    [
        ((0.5, parse_duration("30m")), ["20 11:00", "20 12:30", "20 13:00"]),
        ((0.5, parse_duration("2h")), ["20 11:00", "20 13:00"]),
        ((parse_duration("4h"), parse_duration("30m")), ["20 12:30", "20 13:00"]),
        ((parse_duration("5h"),), ["20 13:00"]),
    ],
)
def test_shares_and_time_left_stand_in_one_order(warn_at: tuple[WarningPoint, ...], moments: list[str]) -> None:
    desk = replace(DESK, warn_at=warn_at)

    told = alert_moments(desk, filed("20 09:00", policy=desk))

    assert [moment for _, moment in told] == [warsaw(text) for text in moments]
