"""What a ticket's turns do to its clocks: waiting, solved, opened again, changed, passed on."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.calendars import measure
from rules.calendars.durations import parse_duration
from rules.model.policy import Target
from rules.model.tickets import Priority
from rules.model.timers import BREACH, ClockState
from rules.sla.targets import Case
from rules.sla.timers import Alert, advance, alert_moments, cancel, meet, pause, recalculate, reopen, resume
from tests.rules.office import DESK, FIRST, OFFICE, RESOLUTION, H, changed, filed, promising, warsaw


def test_while_the_customer_thinks_the_desks_time_stands_still() -> None:
    waiting = pause(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert (waiting.state, waiting.remaining_s, waiting.next_alert_at) == (ClockState.PAUSED, 3 * H, None)

    running = resume(DESK, waiting, warsaw("23 08:30"))

    assert (running.state, running.due_at, running.remaining_s) == (ClockState.RUNNING, warsaw("23 11:30"), None)
    assert running.next_alert_at == warsaw("23 09:30")


def test_a_warning_already_given_is_not_given_again_after_a_pause() -> None:
    warned, _ = advance(DESK, filed("20 09:00"), warsaw("20 11:00"))

    running = resume(DESK, pause(DESK, warned, warsaw("20 11:30")), warsaw("20 13:30"))

    assert running.next_alert_at == warsaw("20 14:12")


def test_waiting_forgives_nothing_that_was_overdue() -> None:
    overdue = filed("20 09:00")

    running = resume(DESK, pause(DESK, overdue, warsaw("20 15:00")), warsaw("24 09:00"))

    assert running.due_at == warsaw("20 13:00")


def test_a_breach_told_at_closing_stays_a_breach_after_a_pause_in_the_night() -> None:
    told, _ = advance(DESK, filed("20 12:00"), warsaw("20 16:01"))

    running = resume(DESK, pause(DESK, told, warsaw("20 20:00")), warsaw("23 09:00"))

    assert running.due_at == warsaw("20 16:00")
    assert running.next_alert_at is None


def test_who_waits_overdue_is_in_time_again_when_more_time_is_promised() -> None:
    told, _ = advance(DESK, filed("20 09:00", priority=Priority.CRITICAL), warsaw("20 12:00"))

    lowered = changed(pause(DESK, told, warsaw("20 12:00")), "20 13:00", Priority.NORMAL)

    assert (lowered.remaining_s, lowered.level) == (H, 1)
    assert meet(DESK, lowered, warsaw("23 09:00")).state is ClockState.MET
    assert resume(DESK, lowered, warsaw("23 09:00")).due_at == warsaw("23 10:00")


def test_a_pause_in_the_night_before_a_due_opening_does_not_move_it_earlier() -> None:
    clock = filed("20 17:00", policy=promising(Target(resolution=parse_duration("1d"))))
    assert clock.due_at == warsaw("24 08:00")

    running = resume(DESK, pause(DESK, clock, warsaw("23 18:00")), warsaw("23 19:00"))

    assert running.due_at == warsaw("24 08:00")


def test_only_a_running_clock_pauses_and_only_a_paused_one_resumes() -> None:
    running = filed("20 09:00")
    waiting = pause(DESK, running, warsaw("20 10:00"))

    assert pause(DESK, waiting, warsaw("20 11:00")) == waiting
    assert resume(DESK, running, warsaw("20 11:00")) == running


minutes = st.integers(0, 5 * 24 * 60)


@settings(deadline=None)
@given(minutes, minutes)
def test_a_pause_costs_the_desk_exactly_the_open_time_it_lasted(first: int, second: int) -> None:
    clock = filed("18 09:00", policy=promising(Target(resolution=parse_duration("60h"))))
    stopped = clock.started_at + timedelta(minutes=first)
    went_on = stopped + timedelta(minutes=second)

    running = resume(DESK, pause(DESK, clock, stopped), went_on)

    assert measure(OFFICE, clock.started_at, running.due_at) == 60 * H + measure(OFFICE, stopped, went_on)


def test_an_answer_at_the_due_moment_is_in_time_and_one_a_second_later_is_not() -> None:
    clock = filed("20 09:00", FIRST)

    assert meet(DESK, clock, warsaw("20 11:00")).state is ClockState.MET
    assert meet(DESK, clock, warsaw("20 11:00:01")).state is ClockState.BREACHED


def test_a_ticket_solved_while_waiting_was_solved_in_time() -> None:
    solved = meet(DESK, pause(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("24 15:00"))

    assert (solved.state, solved.closed_at, solved.next_alert_at) == (ClockState.MET, warsaw("24 15:00"), None)


def test_a_ticket_solved_while_waiting_but_overdue_before_was_late() -> None:
    solved = meet(DESK, pause(DESK, filed("20 09:00"), warsaw("20 15:00")), warsaw("24 15:00"))

    assert solved.state is ClockState.BREACHED


def test_a_ticket_told_as_a_breach_at_closing_was_late_though_it_was_solved_while_waiting() -> None:
    told, _ = advance(DESK, filed("20 12:00"), warsaw("20 16:01"))

    assert meet(DESK, pause(DESK, told, warsaw("20 20:00")), warsaw("24 15:00")).state is ClockState.BREACHED


def test_a_closed_clock_stays_as_it_closed() -> None:
    met = meet(DESK, filed("20 09:00"), warsaw("20 10:00"))
    cancelled = cancel(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert meet(DESK, met, warsaw("24 10:00")) == met
    assert cancel(DESK, met, warsaw("24 10:00")) == met
    assert meet(DESK, cancelled, warsaw("20 10:30")) == cancelled
    assert changed(met, "24 10:00", Priority.CRITICAL) == met


def test_a_cancelled_promise_warns_of_nothing() -> None:
    clock = cancel(DESK, filed("20 09:00"), warsaw("20 10:00"))

    assert (clock.state, clock.closed_at, clock.next_alert_at) == (ClockState.CANCELLED, warsaw("20 10:00"), None)


def test_a_reopened_ticket_has_the_time_that_remained() -> None:
    met = meet(DESK, filed("20 09:00"), warsaw("20 12:00"))

    again = reopen(DESK, met, warsaw("24 10:00"))

    assert (again.state, again.due_at, again.closed_at) == (ClockState.RUNNING, warsaw("24 11:00"), None)


def test_a_ticket_solved_while_waiting_reopens_with_what_the_pause_kept() -> None:
    met = meet(DESK, pause(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("23 10:00"))

    again = reopen(DESK, met, warsaw("24 10:00"))

    assert (again.due_at, again.remaining_s) == (warsaw("24 13:00"), None)


def test_a_ticket_that_was_late_reopens_due_when_it_was_due() -> None:
    late = meet(DESK, filed("20 09:00"), warsaw("20 14:00"))

    again = reopen(DESK, late, warsaw("24 10:00"))

    assert (again.state, again.due_at) == (ClockState.RUNNING, warsaw("20 13:00"))


def test_a_ticket_solved_the_evening_it_was_due_reopens_due_when_it_was_due() -> None:
    late = meet(DESK, filed("20 12:00"), warsaw("20 18:00"))

    assert reopen(DESK, late, warsaw("24 10:00")).due_at == warsaw("20 16:00")


def test_a_running_or_cancelled_clock_does_not_reopen() -> None:
    running = filed("20 09:00")
    cancelled = cancel(DESK, running, warsaw("20 10:00"))

    assert reopen(DESK, running, warsaw("24 10:00")) == running
    assert reopen(DESK, cancelled, warsaw("24 10:00")) == cancelled


def test_a_ticket_made_critical_is_due_as_if_it_had_been_so_from_the_start() -> None:
    critical = changed(filed("20 09:00"), "20 09:30", Priority.CRITICAL)

    assert (critical.due_at, critical.total_s) == (warsaw("20 11:00"), 2 * H)
    assert critical.next_alert_at == warsaw("20 10:00")


def test_a_ticket_made_critical_too_late_is_overdue_at_once() -> None:
    critical = changed(filed("20 09:00"), "20 12:00", Priority.CRITICAL)

    assert critical.due_at == warsaw("20 11:00")
    assert advance(DESK, critical, warsaw("20 12:00"))[1] == Alert(RESOLUTION, BREACH)


def test_the_time_the_customer_took_is_not_held_against_the_desk() -> None:
    waited = resume(DESK, pause(DESK, filed("20 09:00"), warsaw("20 10:00")), warsaw("20 13:00"))

    critical = changed(waited, "20 13:30", Priority.CRITICAL)

    assert critical.due_at == warsaw("20 14:00")


def test_a_ticket_changed_while_waiting_keeps_waiting_with_the_new_promise() -> None:
    waiting = pause(DESK, filed("20 09:00"), warsaw("20 10:00"))

    critical = changed(waiting, "20 15:00", Priority.CRITICAL)

    assert (critical.state, critical.remaining_s, critical.next_alert_at) == (ClockState.PAUSED, 1 * H, None)
    assert resume(DESK, critical, warsaw("23 08:00")).due_at == warsaw("23 09:00")


def test_a_ticket_made_less_urgent_is_warned_of_again_against_its_new_due_time() -> None:
    told, _ = advance(DESK, filed("20 09:00", priority=Priority.CRITICAL), warsaw("20 11:05"))

    normal = changed(told, "20 11:10", Priority.NORMAL)

    assert (normal.due_at, normal.level, normal.next_alert_at) == (warsaw("20 13:00"), 1, warsaw("20 12:12"))


def test_a_warning_reached_by_the_change_is_given() -> None:
    critical = changed(filed("20 09:00"), "20 10:30", Priority.CRITICAL)

    assert advance(DESK, critical, warsaw("20 10:30"))[1] == Alert(RESOLUTION, 1)


def test_a_change_that_promises_the_same_changes_nothing() -> None:
    clock = filed("20 15:00")

    assert changed(clock, "23 09:30", Priority.LOW) == clock


def test_a_ticket_due_at_an_opening_stays_due_then_when_its_promise_stays() -> None:
    policy = promising(Target(resolution=parse_duration("1d")))
    clock = filed("20 17:00", policy=policy)

    assert changed(clock, "23 09:00", Priority.LOW, policy) == clock


def test_a_change_to_what_nothing_is_promised_for_cancels_the_clock() -> None:
    policy = promising(Target(priority=Priority.CRITICAL, resolution=parse_duration("2h")))
    clock = filed("20 09:00", priority=Priority.CRITICAL, policy=policy)

    assert changed(clock, "20 10:00", Priority.LOW, policy).state is ClockState.CANCELLED


def test_the_night_team_takes_over_what_is_left_and_not_the_weekend() -> None:
    clock = filed("20 15:00")

    moved = recalculate(DESK, clock, Case("other", Priority.NORMAL, "night"), now=warsaw("23 08:30"))

    assert moved.due_at == warsaw("23 11:00")


def test_the_night_team_is_open_while_the_office_sleeps() -> None:
    clock = filed("20 15:00")

    moved = recalculate(DESK, clock, Case("other", Priority.NORMAL, "night"), now=warsaw("20 20:00"))

    assert moved.due_at == warsaw("20 23:00")
    assert [level for level, _ in alert_moments(DESK, moved)] == [1, 2, BREACH]


@settings(deadline=None)
@given(minutes, minutes, st.sampled_from(["30m", "8h", "3d", "60h"]))
def test_changing_back_and_forth_leaves_the_clock_as_it_was(first: int, second: int, text: str) -> None:
    policy = promising(
        Target(priority=Priority.CRITICAL, resolution=parse_duration("2h")), Target(resolution=parse_duration(text))
    )
    clock = filed("18 09:00", policy=policy)
    waited = pause(DESK, clock, clock.started_at + timedelta(minutes=first))
    running = resume(policy, waited, clock.started_at + timedelta(minutes=first + second))
    now = clock.started_at + timedelta(minutes=first + second + 7)

    there = recalculate(policy, running, Case("other", Priority.CRITICAL, "support"), now=now)
    back_again = recalculate(policy, there, Case("other", Priority.LOW, "support"), now=now)

    assert measure(OFFICE, running.due_at, back_again.due_at) == 0
    assert measure(OFFICE, back_again.due_at, running.due_at) == 0
    assert back_again.total_s == running.total_s


def test_the_same_promise_again_changes_nothing_even_where_it_is_overdue_and_waits() -> None:
    waiting = pause(DESK, filed("20 09:00"), warsaw("20 15:00"))

    assert changed(waiting, "22 10:00", Priority.NORMAL) == waiting
