"""What is said of a promise near its time."""

from dataclasses import replace
from datetime import date

import pytest

from rules.alerts import (
    EscalationStep,
    acknowledge_alert,
    escalate_to_manager,
    escalates_at,
    first_escalation_step,
    has_alerted,
    reachable_at,
    remaining_time,
)
from rules.calendars.calendars import Calendar
from rules.model.people import PersonProfile
from rules.model.timers import BREACH_LEVEL, SlaTimer, TimerState
from tests.rules.office import DESK, OFFICE, H, filed, warsaw


def test_within_open_hours_the_time_left_is_what_the_clock_on_the_wall_shows() -> None:
    clock = filed("02T10:00")  # due at 14:00

    assert str(remaining_time(OFFICE, clock, warsaw("02T13:25"))) == "35 min"


def test_over_a_night_the_time_left_is_called_open_hours() -> None:
    clock = filed("02T14:00")  # due on Tuesday at 10:00

    assert str(remaining_time(OFFICE, clock, warsaw("02T15:30"))) == "2 h 30 min of business hours"


@pytest.mark.parametrize(
    ("level", "warnings", "concerned"),
    [(1, 2, False), (2, 2, True), (BREACH_LEVEL, 2, True), (1, 1, True), (BREACH_LEVEL, 0, True)],
)
def test_the_lead_is_concerned_from_the_last_warning_on(level: int, warnings: int, concerned: bool) -> None:
    assert (first_escalation_step(level, warnings) is EscalationStep.LEAD) is concerned


def test_only_a_clock_that_runs_and_has_warned_alarms() -> None:
    warned = replace(filed("02T10:00"), alert_level=1)

    assert [
        has_alerted(warned),
        has_alerted(replace(warned, alert_level=0)),
        has_alerted(replace(warned, state=TimerState.PAUSED)),
    ] == [
        True,
        False,
        False,
    ]


def test_a_person_is_reached_in_their_own_hours_and_on_no_day_off() -> None:
    away = ((date(2026, 11, 3), date(2026, 11, 4)),)
    people = {"U0LENA": PersonProfile(days_away=away), "U0NILS": PersonProfile(calendar="nights")}
    nights = Calendar("Europe/Warsaw", ((((20 * H), (24 * H)),),) * 7)
    desk = replace(DESK, people=people, calendars={"office": OFFICE, "nights": nights})

    assert reachable_at(desk, "U0ANA", "support", warsaw("02T10:00")) == warsaw("02T10:00")
    assert reachable_at(desk, "U0ANA", "support", warsaw("02T17:00")) == warsaw("03T08:00")
    assert reachable_at(desk, "U0LENA", "support", warsaw("02T17:00")) == warsaw("05T08:00")
    assert reachable_at(desk, "U0NILS", "support", warsaw("02T10:00")) == warsaw("02T20:00")


def breached() -> SlaTimer:
    return replace(
        filed("02T10:00"),
        alert_level=BREACH_LEVEL,
        escalation_step=int(EscalationStep.LEAD),
        alerted_at=warsaw("02T15:50"),
    )


def test_a_breach_climbs_after_open_time() -> None:
    assert escalates_at(DESK, breached(), OFFICE) == warsaw("03T08:20")


@pytest.mark.parametrize(
    "quiet",
    [
        acknowledge_alert(breached()),
        escalate_to_manager(breached(), warsaw("03T08:20")),
        replace(breached(), alert_level=2),
        replace(breached(), state=TimerState.PAUSED),
    ],
)
def test_what_was_acted_on_or_is_at_the_top_or_stands_still_climbs_no_further(quiet: SlaTimer) -> None:
    assert escalates_at(DESK, quiet, OFFICE) is None
