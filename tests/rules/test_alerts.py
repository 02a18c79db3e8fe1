"""What is said of a promise near its time."""

from dataclasses import replace
from datetime import date

import pytest

from rules.alerts import Rung, acted_on, climbs_at, first_rung, one_up, reachable_at, time_left, told
from rules.calendars.calendars import Calendar
from rules.model.people import Availability
from rules.model.timers import BREACH, Clock, ClockState
from tests.rules.office import DESK, OFFICE, H, filed, warsaw


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


def test_a_person_is_reached_in_their_own_hours_and_on_no_day_off() -> None:
    away = ((date(2026, 11, 3), date(2026, 11, 4)),)
    people = {"U0LENA": Availability(away=away), "U0NILS": Availability(calendar="nights")}
    nights = Calendar("Europe/Warsaw", ((((20 * H), (24 * H)),),) * 7)
    desk = replace(DESK, people=people, calendars={"office": OFFICE, "nights": nights})

    assert reachable_at(desk, "U0ANA", "support", warsaw("02T10:00")) == warsaw("02T10:00")
    assert reachable_at(desk, "U0ANA", "support", warsaw("02T17:00")) == warsaw("03T08:00")
    assert reachable_at(desk, "U0LENA", "support", warsaw("02T17:00")) == warsaw("05T08:00")
    assert reachable_at(desk, "U0NILS", "support", warsaw("02T10:00")) == warsaw("02T20:00")


def breached() -> Clock:
    return replace(filed("02T10:00"), level=BREACH, rung=int(Rung.LEAD), told_at=warsaw("02T15:50"))


def test_a_breach_climbs_after_open_time() -> None:
    assert climbs_at(DESK, breached(), OFFICE) == warsaw("03T08:20")


@pytest.mark.parametrize(
    "quiet",
    [
        acted_on(breached()),
        one_up(breached(), warsaw("03T08:20")),
        replace(breached(), level=2),
        replace(breached(), state=ClockState.PAUSED),
    ],
)
def test_what_was_acted_on_or_is_at_the_top_or_stands_still_climbs_no_further(quiet: Clock) -> None:
    assert climbs_at(DESK, quiet, OFFICE) is None
