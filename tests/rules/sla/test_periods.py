"""A timer keeps what it said before it changed."""

from rules.calendars.durations import parse_duration
from rules.sla import timers
from rules.sla.periods import TimerPeriod, build_timer_history
from tests.rules.office import DESK, RESOLUTION, filed, warsaw

NINE, TEN, NOON, ONE = warsaw("16T09:00"), warsaw("16T10:00"), warsaw("16T12:00"), warsaw("16T13:00")


def test_a_paused_timer_says_first_that_it_ran_then_that_it_stood() -> None:
    running = filed("16T09:00")
    paused = timers.pause_timer(DESK, running, TEN)
    resumed = timers.resume_timer(DESK, paused, ONE)

    history = build_timer_history([(NINE, running), (TEN, paused), (ONE, resumed)])

    left, soon = paused.remaining_s, running.due_soon_at
    assert history.periods == (
        TimerPeriod(RESOLUTION, NINE, TEN, running.due_at, soon, None),
        TimerPeriod(RESOLUTION, TEN, ONE, running.due_at, soon, left),
    )
    assert (history.timer, history.changed_at) == (resumed, ONE)


def test_an_extended_timer_keeps_when_it_was_due_before() -> None:
    running = filed("16T09:00")
    extended = timers.extend_timer(DESK, running, parse_duration("1h"), NOON, reason="A part comes tomorrow.")

    (period,) = build_timer_history([(NINE, running), (NOON, extended)]).periods

    assert (period.until, period.due_at) == (NOON, running.due_at)


def test_a_reopened_timer_was_open_until_it_had_ended() -> None:
    running = filed("16T09:00")
    met = timers.close_timer(DESK, running, TEN)
    reopened = timers.reopen_timer(DESK, met, ONE)

    history = build_timer_history([(NINE, running), (TEN, met), (ONE, reopened)])

    assert [(period.since, period.until) for period in history.periods] == [(NINE, TEN)]
    assert history.changed_at == ONE


def test_a_timer_that_ends_needs_no_period_because_it_says_when_it_ended() -> None:
    running = filed("16T09:00")

    history = build_timer_history([(NINE, running), (TEN, timers.close_timer(DESK, running, TEN))])

    assert (history.periods, history.changed_at) == ((), NINE)
