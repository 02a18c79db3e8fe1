"""What is said of a promise near its time."""

from dataclasses import replace

import pytest

from rules.alerts import Rung, first_rung, time_left, told
from rules.clocks import BREACH, ClockState
from tests.rules.office import OFFICE, filed, warsaw


def test_within_open_hours_the_time_left_is_what_the_clock_on_the_wall_shows() -> None:
    clock = filed("02T10:00")  # due at 14:00

    assert time_left(OFFICE, clock, warsaw("02T13:25")) == "35 min"


def test_over_a_night_the_time_left_is_called_open_hours() -> None:
    clock = filed("02T14:00")  # due on Tuesday at 10:00

    assert time_left(OFFICE, clock, warsaw("02T15:30")) == "2 h 30 min of open hours"


@pytest.mark.parametrize(
    ("level", "warnings", "concerned"),
    [(1, 2, False), (2, 2, True), (BREACH, 2, True), (1, 1, True), (BREACH, 0, True)],
)
def test_the_lead_is_concerned_from_the_last_warning_on(level: int, warnings: int, concerned: bool) -> None:
    assert (first_rung(level, warnings) is Rung.LEAD) is concerned


def test_only_a_clock_that_runs_and_has_warned_alarms() -> None:
    warned = replace(filed("02T10:00"), level=1)

    assert [told(warned), told(replace(warned, level=0)), told(replace(warned, state=ClockState.PAUSED))] == [
        True,
        False,
        False,
    ]
