"""What a ticket's turns do to its clocks: waiting, solved, opened again, changed, passed on."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.calendars import business_seconds_between
from rules.calendars.durations import parse_duration
from rules.model.policy import SlaRule
from rules.model.tickets import Priority
from rules.model.timers import BREACH_LEVEL, TimerState
from rules.sla.targets import SlaCase
from rules.sla.timers import (
    TimerAlert,
    advance_alert,
    alert_moments,
    cancel_timer,
    close_timer,
    pause_timer,
    recalculate_timer,
    reopen_timer,
    resume_timer,
)
from tests.rules.office import DESK, FIRST, OFFICE, RESOLUTION, H, changed, filed, promising, warsaw


def test_while_the_customer_thinks_the_desks_time_stands_still() -> None:
    waiting = pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert (waiting.state, waiting.remaining_s, waiting.next_alert_at) == (TimerState.PAUSED, 3 * H, None)

    running = resume_timer(DESK, waiting, warsaw("23 08:30"))

    assert (running.state, running.due_at, running.remaining_s) == (TimerState.RUNNING, warsaw("23 11:30"), None)
    assert running.next_alert_at == warsaw("23 09:30")


def test_a_warning_already_given_is_not_given_again_after_a_pause() -> None:
    warned, _ = advance_alert(DESK, filed("20 09:00"), warsaw("20 11:00"))

    running = resume_timer(DESK, pause_timer(DESK, warned, warsaw("20 11:30")), warsaw("20 13:30"))

    assert running.next_alert_at == warsaw("20 14:12")


def test_waiting_forgives_nothing_that_was_overdue() -> None:
    overdue = filed("20 09:00")

    running = resume_timer(DESK, pause_timer(DESK, overdue, warsaw("20 15:00")), warsaw("24 09:00"))

    assert running.due_at == warsaw("20 13:00")


def test_a_breach_told_at_closing_stays_a_breach_after_a_pause_in_the_night() -> None:
    told, _ = advance_alert(DESK, filed("20 12:00"), warsaw("20 16:01"))

    running = resume_timer(DESK, pause_timer(DESK, told, warsaw("20 20:00")), warsaw("23 09:00"))

    assert running.due_at == warsaw("20 16:00")
    assert running.next_alert_at is None


def test_who_waits_overdue_is_in_time_again_when_more_time_is_promised() -> None:
    told, _ = advance_alert(DESK, filed("20 09:00", priority=Priority.CRITICAL), warsaw("20 12:00"))

    lowered = changed(pause_timer(DESK, told, warsaw("20 12:00")), "20 13:00", Priority.NORMAL)

    assert (lowered.remaining_s, lowered.alert_level) == (H, 1)
    assert close_timer(DESK, lowered, warsaw("23 09:00")).state is TimerState.MET
    assert resume_timer(DESK, lowered, warsaw("23 09:00")).due_at == warsaw("23 10:00")


def test_a_pause_in_the_night_before_a_due_opening_does_not_move_it_earlier() -> None:
    clock = filed("20 17:00", policy=promising(SlaRule(resolution=parse_duration("1d"))))
    assert clock.due_at == warsaw("24 08:00")

    running = resume_timer(DESK, pause_timer(DESK, clock, warsaw("23 18:00")), warsaw("23 19:00"))

    assert running.due_at == warsaw("24 08:00")


def test_only_a_running_clock_pauses_and_only_a_paused_one_resumes() -> None:
    running = filed("20 09:00")
    waiting = pause_timer(DESK, running, warsaw("20 10:00"))

    assert pause_timer(DESK, waiting, warsaw("20 11:00")) == waiting
    assert resume_timer(DESK, running, warsaw("20 11:00")) == running


minutes = st.integers(0, 5 * 24 * 60)


@settings(deadline=None)
@given(minutes, minutes)
def test_a_pause_costs_the_desk_exactly_the_open_time_it_lasted(first: int, second: int) -> None:
    clock = filed("18 09:00", policy=promising(SlaRule(resolution=parse_duration("60h"))))
    stopped = clock.started_at + timedelta(minutes=first)
    went_on = stopped + timedelta(minutes=second)

    running = resume_timer(DESK, pause_timer(DESK, clock, stopped), went_on)

    assert business_seconds_between(OFFICE, clock.started_at, running.due_at) == 60 * H + business_seconds_between(
        OFFICE, stopped, went_on
    )


def test_an_answer_at_the_due_moment_is_in_time_and_one_a_second_later_is_not() -> None:
    clock = filed("20 09:00", FIRST)

    assert close_timer(DESK, clock, warsaw("20 11:00")).state is TimerState.MET
    assert close_timer(DESK, clock, warsaw("20 11:00:01")).state is TimerState.BREACHED


def test_a_ticket_solved_while_waiting_was_solved_in_time() -> None:
    solved = close_timer(DESK, pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("24 15:00"))

    assert (solved.state, solved.closed_at, solved.next_alert_at) == (TimerState.MET, warsaw("24 15:00"), None)


def test_a_ticket_solved_while_waiting_but_overdue_before_was_late() -> None:
    solved = close_timer(DESK, pause_timer(DESK, filed("20 09:00"), warsaw("20 15:00")), warsaw("24 15:00"))

    assert solved.state is TimerState.BREACHED


def test_a_ticket_told_as_a_breach_at_closing_was_late_though_it_was_solved_while_waiting() -> None:
    told, _ = advance_alert(DESK, filed("20 12:00"), warsaw("20 16:01"))

    assert (
        close_timer(DESK, pause_timer(DESK, told, warsaw("20 20:00")), warsaw("24 15:00")).state is TimerState.BREACHED
    )


def test_a_closed_clock_stays_as_it_closed() -> None:
    met = close_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))
    cancelled = cancel_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert close_timer(DESK, met, warsaw("24 10:00")) == met
    assert cancel_timer(DESK, met, warsaw("24 10:00")) == met
    assert close_timer(DESK, cancelled, warsaw("20 10:30")) == cancelled
    assert changed(met, "24 10:00", Priority.CRITICAL) == met


def test_a_cancelled_promise_warns_of_nothing() -> None:
    clock = cancel_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert (clock.state, clock.closed_at, clock.next_alert_at) == (TimerState.CANCELLED, warsaw("20 10:00"), None)


def test_a_reopened_ticket_has_the_time_that_remained() -> None:
    met = close_timer(DESK, filed("20 09:00"), warsaw("20 12:00"))

    again = reopen_timer(DESK, met, warsaw("24 10:00"))

    assert (again.state, again.due_at, again.closed_at) == (TimerState.RUNNING, warsaw("24 11:00"), None)


def test_a_reopened_ticket_has_the_time_that_remained_by_the_opening_hours_of_when_it_was_resolved() -> None:
    met = close_timer(DESK, filed("20 09:00"), warsaw("20 12:00"))
    afternoons = replace(OFFICE, hours=(((14 * H, 18 * H),),) * 7)

    again = reopen_timer(replace(DESK, calendars={"office": afternoons}), met, warsaw("24 14:00"))

    assert again.due_at == warsaw("24 15:00")


def test_a_ticket_solved_while_waiting_reopens_with_what_the_pause_kept() -> None:
    met = close_timer(DESK, pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("23 10:00"))

    again = reopen_timer(DESK, met, warsaw("24 10:00"))

    assert (again.due_at, again.remaining_s) == (warsaw("24 13:00"), None)


def test_a_ticket_that_was_late_reopens_due_when_it_was_due() -> None:
    late = close_timer(DESK, filed("20 09:00"), warsaw("20 14:00"))

    again = reopen_timer(DESK, late, warsaw("24 10:00"))

    assert (again.state, again.due_at) == (TimerState.RUNNING, warsaw("20 13:00"))


def test_a_ticket_solved_the_evening_it_was_due_reopens_due_when_it_was_due() -> None:
    late = close_timer(DESK, filed("20 12:00"), warsaw("20 18:00"))

    assert reopen_timer(DESK, late, warsaw("24 10:00")).due_at == warsaw("20 16:00")


def test_a_running_or_cancelled_clock_does_not_reopen() -> None:
    running = filed("20 09:00")
    cancelled = cancel_timer(DESK, running, warsaw("20 10:00"))

    assert reopen_timer(DESK, running, warsaw("24 10:00")) == running
    assert reopen_timer(DESK, cancelled, warsaw("24 10:00")) == cancelled


def test_a_ticket_made_critical_is_due_as_if_it_had_been_so_from_the_start() -> None:
    critical = changed(filed("20 09:00"), "20 09:30", Priority.CRITICAL)

    assert (critical.due_at, critical.total_s) == (warsaw("20 11:00"), 2 * H)
    assert critical.next_alert_at == warsaw("20 10:00")


def test_a_ticket_made_critical_too_late_is_overdue_at_once() -> None:
    critical = changed(filed("20 09:00"), "20 12:00", Priority.CRITICAL)

    assert critical.due_at == warsaw("20 11:00")
    assert advance_alert(DESK, critical, warsaw("20 12:00"))[1] == TimerAlert(RESOLUTION, BREACH_LEVEL)


def test_the_time_the_customer_took_is_not_held_against_the_desk() -> None:
    waited = resume_timer(DESK, pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("20 13:00"))

    critical = changed(waited, "20 13:30", Priority.CRITICAL)

    assert critical.due_at == warsaw("20 14:00")


def test_a_ticket_changed_while_waiting_keeps_waiting_with_the_new_promise() -> None:
    waiting = pause_timer(DESK, filed("20 09:00"), warsaw("20 10:00"))

    critical = changed(waiting, "20 15:00", Priority.CRITICAL)

    assert (critical.state, critical.remaining_s, critical.next_alert_at) == (TimerState.PAUSED, 1 * H, None)
    assert resume_timer(DESK, critical, warsaw("23 08:00")).due_at == warsaw("23 09:00")


def test_a_ticket_made_less_urgent_is_warned_of_again_against_its_new_due_time() -> None:
    told, _ = advance_alert(DESK, filed("20 09:00", priority=Priority.CRITICAL), warsaw("20 11:05"))

    normal = changed(told, "20 11:10", Priority.NORMAL)

    assert (normal.due_at, normal.alert_level, normal.next_alert_at) == (warsaw("20 13:00"), 1, warsaw("20 12:12"))


def test_a_warning_reached_by_the_change_is_given() -> None:
    critical = changed(filed("20 09:00"), "20 10:30", Priority.CRITICAL)

    assert advance_alert(DESK, critical, warsaw("20 10:30"))[1] == TimerAlert(RESOLUTION, 1)


def test_a_change_that_promises_the_same_changes_nothing() -> None:
    clock = filed("20 15:00")

    assert changed(clock, "23 09:30", Priority.LOW) == clock


def test_a_ticket_due_at_an_opening_stays_due_then_when_its_promise_stays() -> None:
    policy = promising(SlaRule(resolution=parse_duration("1d")))
    clock = filed("20 17:00", policy=policy)

    assert changed(clock, "23 09:00", Priority.LOW, policy) == clock


def test_a_change_to_what_nothing_is_promised_for_cancels_the_clock() -> None:
    policy = promising(SlaRule(priority=Priority.CRITICAL, resolution=parse_duration("2h")))
    clock = filed("20 09:00", priority=Priority.CRITICAL, policy=policy)

    assert changed(clock, "20 10:00", Priority.LOW, policy).state is TimerState.CANCELLED


def test_the_night_team_takes_over_what_is_left_and_not_the_weekend() -> None:
    clock = filed("20 15:00")

    moved = recalculate_timer(DESK, clock, SlaCase("other", Priority.NORMAL, "night"), now=warsaw("23 08:30"))

    assert moved.due_at == warsaw("23 11:00")


def test_the_night_team_is_open_while_the_office_sleeps() -> None:
    clock = filed("20 15:00")

    moved = recalculate_timer(DESK, clock, SlaCase("other", Priority.NORMAL, "night"), now=warsaw("20 20:00"))

    assert moved.due_at == warsaw("20 23:00")
    assert [level for level, _ in alert_moments(DESK, moved)] == [1, 2, BREACH_LEVEL]


@settings(deadline=None)
@given(minutes, minutes, st.sampled_from(["30m", "8h", "3d", "60h"]))
def test_changing_back_and_forth_leaves_the_clock_as_it_was(first: int, second: int, text: str) -> None:
    policy = promising(
        SlaRule(priority=Priority.CRITICAL, resolution=parse_duration("2h")), SlaRule(resolution=parse_duration(text))
    )
    clock = filed("18 09:00", policy=policy)
    waited = pause_timer(DESK, clock, clock.started_at + timedelta(minutes=first))
    running = resume_timer(policy, waited, clock.started_at + timedelta(minutes=first + second))
    now = clock.started_at + timedelta(minutes=first + second + 7)

    there = recalculate_timer(policy, running, SlaCase("other", Priority.CRITICAL, "support"), now=now)
    back_again = recalculate_timer(policy, there, SlaCase("other", Priority.LOW, "support"), now=now)

    assert business_seconds_between(OFFICE, running.due_at, back_again.due_at) == 0
    assert business_seconds_between(OFFICE, back_again.due_at, running.due_at) == 0
    assert back_again.total_s == running.total_s


def test_the_same_promise_again_changes_nothing_even_where_it_is_overdue_and_waits() -> None:
    waiting = pause_timer(DESK, filed("20 09:00"), warsaw("20 15:00"))

    assert changed(waiting, "22 10:00", Priority.NORMAL) == waiting
