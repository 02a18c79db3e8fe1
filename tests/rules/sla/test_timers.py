"""Promises and warnings, told as stories of the support desk in Warsaw."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.calendars.durations import parse_duration
from rules.model.policy import SlaRule
from rules.model.tickets import Priority
from rules.model.timers import BREACH_LEVEL, TimerState
from rules.sla.targets import SlaCase, find_target
from rules.sla.timers import TimerAlert, advance_alert, alert_moments, start_timer
from tests.rules.office import DESK, FIRST, RESOLUTION, H, filed, promising, warsaw


def test_a_critical_ticket_is_promised_more_than_the_rest() -> None:
    promise = find_target(DESK, RESOLUTION, SlaCase("other", Priority.CRITICAL, "support"))

    assert promise
    assert str(promise.duration) == "2h"


def test_a_row_that_says_nothing_of_resolving_leaves_that_to_a_wider_row() -> None:
    case = SlaCase("network", Priority.NORMAL, "support")
    times = [find_target(DESK, kind, case) for kind in (FIRST, RESOLUTION)]

    assert [str(time.duration) for time in times if time] == ["30m", "4h"]


@pytest.mark.parametrize(
    ("rows", "wins"),
    [
        ((SlaRule(type="vpn"), SlaRule(priority=Priority.HIGH)), 1),
        ((SlaRule(team="support"), SlaRule(type="vpn")), 1),
        ((SlaRule(priority=Priority.HIGH), SlaRule(type="vpn", team="support")), 1),
        ((SlaRule(type="vpn", team="support"), SlaRule(priority=Priority.HIGH, team="support")), 1),
        ((SlaRule(type="vpn"), SlaRule(type="vpn")), 0),
        ((SlaRule(type="vpn"), SlaRule(type="printer", team="support")), 0),
        ((SlaRule(), SlaRule(team="support")), 1),
    ],
)
def test_the_most_specific_row_wins(rows: tuple[SlaRule, ...], wins: int) -> None:
    policy = promising(*(replace(row, resolution=parse_duration(f"{n + 1}h")) for n, row in enumerate(rows)))

    promise = find_target(policy, RESOLUTION, SlaCase("vpn", Priority.HIGH, "support"))

    assert promise
    assert str(promise.duration) == f"{wins + 1}h"


def test_where_nothing_is_promised_no_clock_runs() -> None:
    silent = promising(SlaRule(priority=Priority.CRITICAL, resolution=parse_duration("4h")))

    clock = start_timer(silent, RESOLUTION, SlaCase("other", Priority.LOW, "support"), warsaw("20 10:00"))

    assert clock is None


def test_ana_files_on_friday_afternoon_and_is_promised_monday_morning() -> None:
    clock = filed("20 15:00")

    assert clock.due_at == warsaw("23 11:00")
    assert clock.total_s == 4 * H


def test_a_promise_in_days_knows_how_much_open_time_it_is() -> None:
    clock = filed("20 15:00", policy=promising(SlaRule(resolution=parse_duration("3d"))))

    assert clock.due_at == warsaw("25 15:00")
    assert clock.total_s == 3 * 8 * H


def test_a_team_without_a_calendar_keeps_its_promise_at_night() -> None:
    clock = start_timer(DESK, RESOLUTION, SlaCase("other", Priority.NORMAL, "night"), warsaw("20 23:00"))

    assert clock
    assert clock.due_at == warsaw("21 03:00")


def test_ben_is_warned_when_half_and_most_of_the_open_time_is_gone() -> None:
    clock = filed("20 15:00")

    assert alert_moments(DESK, clock) == (
        (1, warsaw("23 09:00")),
        (2, warsaw("23 10:12")),
        (BREACH_LEVEL, warsaw("23 11:00")),
    )
    assert clock.next_alert_at == warsaw("23 09:00")


def test_each_warning_and_the_breach_are_given_once() -> None:
    clock = filed("20 09:00")
    said = []
    for minute in range(0, 7 * 60, 5):
        clock, alert = advance_alert(DESK, clock, warsaw("20 09:00") + timedelta(minutes=minute))
        said.append(alert)

    assert [alert for alert in said if alert] == [
        TimerAlert(RESOLUTION, 1),
        TimerAlert(RESOLUTION, 2),
        TimerAlert(RESOLUTION, BREACH_LEVEL),
    ]
    assert clock.next_alert_at is None


def test_nobody_is_warned_before_the_moment() -> None:
    clock = filed("20 09:00")

    assert advance_alert(DESK, clock, warsaw("20 10:59:59")) == (clock, None)


def test_after_a_long_sleep_only_the_newest_alert_is_given() -> None:
    clock = filed("20 09:00")

    late, alert = advance_alert(DESK, clock, warsaw("20 12:30"))

    assert alert == TimerAlert(RESOLUTION, 2)
    assert late.next_alert_at == warsaw("20 13:00")


def test_a_server_down_over_the_weekend_says_breach_and_nothing_more() -> None:
    clock, alert = advance_alert(DESK, filed("20 09:00"), warsaw("23 09:00"))

    assert alert == TimerAlert(RESOLUTION, BREACH_LEVEL)
    assert advance_alert(DESK, clock, warsaw("23 09:05")) == (clock, None)


def test_a_warning_that_falls_at_closing_waits_for_the_morning() -> None:
    clock = filed("20 14:00")

    assert clock.next_alert_at == warsaw("23 08:00")


def test_at_the_due_moment_itself_nothing_is_late() -> None:
    clock, _ = advance_alert(DESK, filed("20 09:00"), warsaw("20 12:30"))

    assert advance_alert(DESK, clock, warsaw("20 13:00"))[1] is None
    assert advance_alert(DESK, clock, warsaw("20 13:00:01"))[1] == TimerAlert(RESOLUTION, BREACH_LEVEL)


def test_warnings_are_given_in_the_order_in_which_they_fall() -> None:
    reversed_desk = replace(DESK, warn_at=(0.8, 0.5))

    assert alert_moments(reversed_desk, filed("20 15:00")) == alert_moments(DESK, filed("20 15:00"))


def test_a_desk_without_warnings_still_hears_of_a_breach() -> None:
    quiet = replace(DESK, warn_at=())
    clock = filed("20 09:00", policy=quiet)

    assert clock.next_alert_at == warsaw("20 13:00")
    assert advance_alert(quiet, clock, warsaw("20 13:01"))[1] == TimerAlert(RESOLUTION, BREACH_LEVEL)


@pytest.mark.parametrize("state", [TimerState.PAUSED, TimerState.MET, TimerState.BREACHED, TimerState.CANCELLED])
def test_a_clock_that_does_not_run_warns_of_nothing(state: TimerState) -> None:
    clock = replace(filed("20 09:00"), state=state)

    assert advance_alert(DESK, clock, warsaw("23 09:00")) == (clock, None)
