"""Why this deadline? The arithmetic behind a due time, told as stories of the support desk in Warsaw."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rules.calendars.calendars import Calendar
from rules.calendars.daily_breakdown import ClockChange, DayKind, DayRun
from rules.calendars.durations import parse_duration
from rules.model.policy import Policy, SlaRule
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer, TimerEvent, TimerEventKind, TimerKind, TimerState
from rules.sla.explanations import (
    Explanation,
    ExplanationLine,
    GrantedTime,
    OverdueTime,
    TargetChange,
    TimerPause,
    TimerReopening,
    UnknownHours,
    explain_timer,
)
from rules.sla.targets import SlaCase
from rules.sla.timers import (
    WAITING_FOR_CUSTOMER,
    advance_alert,
    cancel_timer,
    close_timer,
    extend_timer,
    pause_timer,
    recalculate_timer,
    reopen_timer,
    resume_timer,
    start_timer,
)
from tests.rules.office import DESK, OFFICE, RESOLUTION, H, changed, filed, promising, warsaw

THREE_DAYS = promising(SlaRule(resolution=parse_duration("3d")))


def told(clock: SlaTimer, text: str = "20 10:00", policy: Policy = DESK) -> Explanation:
    return explain_timer(policy, clock, warsaw(text))


def days(explanation: Explanation) -> list[tuple[str, DayKind, int]]:
    """Each line of days by its first date, what it was, and what it counted."""
    lines = [line for line in explanation.lines if isinstance(line, DayRun)]
    return [(f"{line.first:%a %d}", line.kind, line.seconds) for line in lines]


def numbered(explanation: Explanation) -> dict[str, int]:
    return {f"{line.first:%a %d}": line.number for line in explanation.lines if isinstance(line, DayRun)}


def only(kind: type[ExplanationLine], explanation: Explanation) -> ExplanationLine:
    (found,) = [line for line in explanation.lines if isinstance(line, kind)]
    return found


def test_ana_files_on_friday_afternoon_and_reads_why_it_is_monday_morning() -> None:
    friday = told(filed("20 15:00"))

    assert days(friday) == [
        ("Fri 20", DayKind.OPEN, H),
        ("Sat 21", DayKind.WEEKLY_DAY_OFF, 0),
        ("Mon 23", DayKind.OPEN, 3 * H),
    ]
    assert (friday.duration_text, friday.counted_s, friday.left_s) == ("4h", 4 * H, 9 * H)


def test_the_first_and_the_last_day_are_cut_to_the_second() -> None:
    lines = [line for line in told(filed("20 15:00:12")).lines if isinstance(line, DayRun)]

    assert [f"{opens:%H:%M:%S}-{closes:%H:%M:%S}" for line in lines for opens, closes in line.windows] == [
        "15:00:12-16:00:00",
        "08:00:00-11:00:12",
    ]


def test_lunch_is_a_gap_between_two_windows() -> None:
    hours = (((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800)),) * 5
    policy = replace(DESK, calendars={"office": Calendar("Europe/Warsaw", (*hours, (), ()))})

    (day,) = told(filed("20 11:00", policy=policy), policy=policy).lines

    assert isinstance(day, DayRun)
    assert [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in day.windows] == ["11:00-12:00", "12:30-15:30"]


def test_a_holiday_is_told_by_its_name() -> None:
    line = next(line for line in told(filed("10 15:00")).lines if isinstance(line, DayRun) and line.name)

    assert (line.first, line.kind, line.name) == (date(2026, 11, 11), DayKind.HOLIDAY, "National Independence Day")


def test_a_closed_and_an_extra_day_are_told_as_such() -> None:
    office = replace(OFFICE, closed=frozenset({date(2026, 11, 20)}), extra={date(2026, 11, 21): ((9 * H, 10 * H),)})
    policy = replace(DESK, calendars={"office": office})

    assert days(told(filed("19 15:00", policy=policy), policy=policy)) == [
        ("Thu 19", DayKind.OPEN, H),
        ("Fri 20", DayKind.CLOSED, 0),
        ("Sat 21", DayKind.EXTRA, H),
        ("Sun 22", DayKind.WEEKLY_DAY_OFF, 0),
        ("Mon 23", DayKind.OPEN, 2 * H),
    ]


def test_filed_in_the_evening_the_day_itself_was_over() -> None:
    assert days(told(filed("19 18:00"))) == [("Thu 19", DayKind.AFTER_HOURS, 0), ("Fri 20", DayKind.OPEN, 4 * H)]


def test_equal_days_are_one_line() -> None:
    week = told(
        filed("23 08:00", policy=(policy := promising(SlaRule(resolution=parse_duration("40h"))))), policy=policy
    )

    (line,) = week.lines

    assert isinstance(line, DayRun)
    assert (line.first, line.last, line.count, line.seconds) == (date(2026, 11, 23), date(2026, 11, 27), 5, 40 * H)


def test_months_fit_a_screen_and_still_sum_up() -> None:
    policy = promising(SlaRule(resolution=parse_duration("900h")))
    long = told(filed("07 15:00", policy=policy), policy=policy)

    many = next(line for line in long.lines if isinstance(line, DayRun) and line.kind is DayKind.SEVERAL)

    assert len(long.lines) <= 12
    assert long.counted_s == 900 * H
    assert "Christmas Day, New Year's Day, Epiphany" in many.name


def test_the_night_in_which_the_clocks_go_back_counts_twenty_five_hours() -> None:
    around = Calendar("Europe/Warsaw", (((0, 24 * H),),) * 7)
    policy = replace(DESK, calendars={"office": around}, sla_rules=(SlaRule(resolution=parse_duration("48h")),))
    clock = start_timer(
        policy, RESOLUTION, SlaCase("other", Priority.LOW, "support"), datetime(2026, 10, 24, 10, tzinfo=UTC)
    )
    assert clock

    night = explain_timer(policy, clock, clock.started_at)

    assert days(night) == [
        ("Sat 24", DayKind.OPEN, 12 * H),
        ("Sun 25", DayKind.OPEN, 25 * H),
        ("Mon 26", DayKind.OPEN, 11 * H),
    ]
    assert night.lines[2] == ClockChange(datetime(2026, 10, 25, 1, tzinfo=UTC), -H)


def test_a_change_of_the_clocks_is_told_also_where_nobody_worked_then() -> None:
    clock = start_timer(
        DESK, RESOLUTION, SlaCase("other", Priority.LOW, "support"), datetime(2026, 3, 27, 14, tzinfo=UTC)
    )
    assert clock

    assert only(ClockChange, explain_timer(DESK, clock, clock.started_at)) == ClockChange(
        datetime(2026, 3, 29, 1, tzinfo=UTC), H
    )


def test_while_the_customer_thinks_nothing_counts() -> None:
    waiting = pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    stands = told(waiting, "23 08:00")

    assert stands.lines[-1] == TimerPause(warsaw("20 10:00"), None, WAITING_FOR_CUSTOMER)
    assert (stands.counted_s, stands.left_s) == (H, 3 * H)

    ran = told(resume_timer(DESK, waiting, warsaw("23 08:30")), "23 09:00")

    assert only(TimerPause, ran) == TimerPause(warsaw("20 10:00"), warsaw("23 08:30"), WAITING_FOR_CUSTOMER)
    assert days(ran) == [("Fri 20", DayKind.OPEN, H), ("Mon 23", DayKind.OPEN, 3 * H)]


def test_made_critical_it_says_what_was_promised_what_is_and_how_much_was_used() -> None:
    critical = told(changed(filed("20 09:00"), "20 09:30", Priority.CRITICAL))

    move = only(TargetChange, critical)

    assert critical.duration_text == "4h"
    assert isinstance(move, TargetChange)
    assert (move.previous_duration_text, move.duration_text, move.used_s, move.left_s) == ("4h", "2h", 1800, 5400)
    assert critical.counted_s == 2 * H


def test_made_critical_too_late_what_was_used_is_told_in_full() -> None:
    critical = told(changed(filed("20 09:00"), "20 12:00", Priority.CRITICAL), "20 12:00")

    assert (critical.counted_s, critical.left_s) == (3 * H, -H)


def test_what_was_overdue_counts_when_the_promise_moves() -> None:
    normal = told(changed(filed("20 09:00", priority=Priority.CRITICAL), "20 12:00", Priority.NORMAL), "20 12:00")

    assert only(OverdueTime, normal) == OverdueTime(warsaw("20 11:00"), warsaw("20 12:00"), H, counts_as_used=True)
    assert normal.counted_s == 4 * H


def test_what_was_overdue_is_not_held_against_anybody_when_more_time_is_given() -> None:
    late = extend_timer(DESK, filed("20 09:00"), parse_duration("2h"), warsaw("20 14:00"), reason="the vendor is late")

    longer = told(late, "20 14:00")

    assert only(OverdueTime, longer) == OverdueTime(warsaw("20 13:00"), warsaw("20 14:00"), H, counts_as_used=False)
    assert only(GrantedTime, longer) == GrantedTime(warsaw("20 14:00"), 2 * H, 2 * H, "the vendor is late")
    assert longer.counted_s == 6 * H


def test_a_reopened_ticket_goes_on_with_what_remained() -> None:
    again = told(
        reopen_timer(DESK, close_timer(DESK, filed("20 09:00"), warsaw("20 12:00")), warsaw("24 10:00")), "24 10:00"
    )

    assert only(TimerReopening, again) == TimerReopening(warsaw("24 10:00"), H)
    assert days(again) == [("Fri 20", DayKind.OPEN, 3 * H), ("Tue 24", DayKind.OPEN, H)]


@pytest.mark.parametrize(
    ("at", "state", "used", "left"),
    [("20 11:00", TimerState.MET, 2 * H, 2 * H), ("20 15:00", TimerState.BREACHED, 4 * H, -2 * H)],
)
def test_once_it_is_done_it_says_what_was_used_and_by_how_much_it_was_kept_or_missed(
    at: str, state: TimerState, used: int, left: int
) -> None:
    done = told(close_timer(DESK, filed("20 09:00"), warsaw(at)), "27 09:00")

    assert (done.timer.state, done.counted_s, done.left_s) == (state, used, left)


def test_a_promise_that_is_not_owed_any_more_says_what_had_counted() -> None:
    assert told(cancel_timer(DESK, filed("20 09:00"), warsaw("20 10:00")), "27 09:00").counted_s == H


def test_a_promise_in_days_counts_days_past_the_holiday() -> None:
    three = told(filed("09 15:00", policy=THREE_DAYS), policy=THREE_DAYS)

    assert three.in_days
    assert numbered(three) == {"Mon 09": 0, "Tue 10": 1, "Wed 11": 0, "Thu 12": 2, "Fri 13": 3}
    assert three.counted_s == 24 * H


def test_filed_on_a_saturday_days_count_from_mondays_opening_and_the_last_one_is_named() -> None:
    three = told(filed("14 15:00", policy=THREE_DAYS), policy=THREE_DAYS)

    assert numbered(three) == {"Sat 14": 0, "Mon 16": 0, "Tue 17": 1, "Thu 19": 3}


def test_once_it_was_paused_a_promise_in_days_is_told_in_hours() -> None:
    waited = pause_timer(THREE_DAYS, filed("16 15:00", policy=THREE_DAYS), warsaw("17 10:00"))
    ran = told(resume_timer(THREE_DAYS, waited, warsaw("17 11:00")), "17 12:00", THREE_DAYS)

    assert not ran.in_days
    assert (ran.target_s, ran.counted_s) == (24 * H, 24 * H)


def test_where_nobody_works_at_that_time_of_day_it_is_due_when_somebody_does() -> None:
    office = replace(OFFICE, hours=(*[((8 * H, 16 * H),)] * 4, ((8 * H, 12 * H),), (), ()))
    policy = replace(THREE_DAYS, calendars={"office": office})
    clock = filed("17 15:00", policy=policy)

    assert clock.due_at == warsaw("23 08:00")
    assert not told(clock, policy=policy).keeps_time_of_day


def test_under_new_opening_hours_only_the_sum_of_the_old_ones_is_told() -> None:
    nights = replace(DESK, calendars={"office": Calendar("Europe/Warsaw", (((0, 24 * H),),) * 7)})
    case = SlaCase("other", Priority.NORMAL, "support")

    anew = recalculate_timer(
        nights, filed("20 15:00"), case, now=warsaw("23 08:30"), reason="the rules changed", before=DESK
    )
    longer = told(anew, "23 08:30", nights)

    assert longer.lines[0] == UnknownHours(warsaw("20 15:00"), warsaw("23 08:30"), H + 1800)
    assert longer.counted_s == 4 * H


def test_a_clock_that_ended_under_other_hours_keeps_its_sum() -> None:
    shorter = replace(DESK, calendars={"office": replace(OFFICE, hours=(((9 * H, 12 * H),),) * 7)})

    done = told(close_timer(DESK, filed("20 08:00"), warsaw("20 11:00")), "27 09:00", shorter)

    assert done.lines == (UnknownHours(warsaw("20 08:00"), warsaw("20 11:00"), 3 * H),)


def test_of_a_clock_from_elsewhere_nothing_is_made_up() -> None:
    clock = SlaTimer(TimerKind.RESOLUTION, TimerState.RUNNING, warsaw("20 09:00"), warsaw("23 17:00"), 4 * H)

    foreign = told(clock)

    assert not foreign.is_complete
    assert foreign.lines == (UnknownHours(warsaw("20 09:00"), warsaw("23 17:00")),)


def test_a_move_kept_before_it_told_what_was_before_is_still_explained_from_there() -> None:
    moved = TimerEvent(
        warsaw("20 10:00"), TimerEventKind.MOVED, warsaw("20 11:00"), H, "priority changed", "2h", "office"
    )
    clock = replace(filed("20 09:00"), duration_text="2h", due_at=warsaw("20 11:00"), total_s=2 * H, events=(moved,))

    old = told(clock)

    assert not old.is_complete
    assert days(old) == [("Fri 20", DayKind.OPEN, H)]


def test_the_next_holiday_is_one_that_somebody_would_have_worked_on() -> None:
    assert told(filed("20 09:00")).next_day_off == (date(2026, 12, 24), "Christmas Eve")
    assert told(filed("20 09:00"), policy=replace(DESK, calendars={})).next_day_off is None


def test_a_ticket_given_time_while_it_waits_overdue_is_not_late_when_it_runs_on() -> None:
    overdue, _ = advance_alert(DESK, filed("20 09:00", priority=Priority.CRITICAL), warsaw("20 12:00"))
    waiting = pause_timer(DESK, overdue, warsaw("20 12:00"))

    normal = changed(waiting, "20 15:00", Priority.NORMAL)
    running = resume_timer(DESK, normal, warsaw("23 09:00"))

    assert running.due_at == warsaw("23 10:00")
    assert told(running, "23 09:00").counted_s == 4 * H


def test_what_a_turn_keeps_of_the_promise_before_it_is_read_back() -> None:
    (turn,) = changed(filed("20 09:00"), "20 09:30", Priority.CRITICAL).events

    assert TimerEvent.from_json(turn.to_json()) == turn
    assert (turn.previous_duration_text, turn.previous_calendar, turn.previous_total_s, turn.used_s) == (
        "4h",
        "office",
        4 * H,
        1800,
    )
