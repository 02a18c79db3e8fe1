"""What lies ahead of a team, as values: bands, the order of work, and the next working day."""

import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

from rules.forecasts.forecasts import (
    ChanceBand,
    WorkPeriod,
    chance_band,
    first_work_periods,
    is_overdue,
    same_time_next_open_day,
    sort_by_urgency,
)
from rules.forecasts.simulation import forecast_team
from rules.model.tickets import Priority
from tests.rules.teams import DAY, EIGHT, OPENING, H, at, exactly, task, team

HOUR = exactly(H)


@pytest.mark.parametrize(
    ("chance", "word"),
    [
        (1.0, ChanceBand.ALMOST_CERTAIN),
        (0.95, ChanceBand.ALMOST_CERTAIN),
        (0.949, ChanceBand.LIKELY),
        (0.7, ChanceBand.LIKELY),
        (0.5, ChanceBand.IN_DOUBT),
        (0.299, ChanceBand.UNLIKELY),
        (0.0, ChanceBand.UNLIKELY),
    ],
)
def test_a_chance_has_a_word(chance: float, word: ChanceBand) -> None:
    assert chance_band(chance) == word


def test_the_earliest_promise_is_worked_first_and_what_is_promised_nothing_last() -> None:
    soon, later, unpromised = (task(number, HOUR, due_at=due) for number, due in ((3, DAY), (2, 2 * DAY), (1, None)))

    assert sort_by_urgency(team(unpromised, later, soon)) == (soon, later, unpromised)


def test_of_two_due_together_the_more_urgent_comes_first_then_the_older() -> None:
    old, new = task(1, HOUR), task(2, HOUR)
    urgent = task(3, HOUR, priority=Priority.CRITICAL)

    assert sort_by_urgency(team(new, old, urgent)) == (urgent, old, new)


def test_what_is_paused_comes_after_all_others() -> None:
    low, normal = task(1, HOUR, due_at=DAY, priority=Priority.LOW), task(2, HOUR, due_at=9 * DAY)

    assert sort_by_urgency(replace(team(low, normal), paused_priorities=frozenset({Priority.LOW}))) == (normal, low)


def test_at_the_due_moment_itself_nothing_is_late() -> None:
    assert [is_overdue(task(1, HOUR, due_at=due), EIGHT) for due in (EIGHT - 1, EIGHT, None)] == [True, False, False]


@pytest.mark.parametrize(
    ("due_at", "next_one"),
    [
        (at(0, 10), at(1, 10)),
        (at(0, 16), at(1, 16)),
        (at(4, 10), at(7, 10)),  # Friday's next day is Monday
        (at(0, 20), at(1, 20)),  # nobody is there at eight in the evening, ever
    ],
)
def test_the_next_working_day_has_the_same_time(due_at: int, next_one: int) -> None:
    assert same_time_next_open_day(due_at, OPENING) == next_one


def test_the_first_open_hours_may_span_a_night() -> None:
    found = first_work_periods(OPENING, now=at(0, 15), seconds=2 * H)

    assert found == (WorkPeriod(at(0, 15), at(0, 16)), WorkPeriod(at(1, 8), at(1, 9)))


def test_there_are_no_more_hours_than_the_team_is_open() -> None:
    assert first_work_periods((WorkPeriod(0, H),), now=H // 2, seconds=2 * H) == (WorkPeriod(H // 2, H),)
    assert first_work_periods((), now=0, seconds=H) == ()


def test_what_travels_between_processes_arrives_as_it_was() -> None:
    situation = team(task(1, HOUR))
    told = forecast_team(situation)

    assert pickle.loads(pickle.dumps(situation)) == situation
    assert pickle.loads(pickle.dumps(told)) == told


def test_what_the_bot_itself_imports_brings_no_numpy() -> None:
    """The simulation does, in a process of its own."""
    modules = "rules.workload.handling_time, rules.forecasts.forecasts, rules.forecasts.what_if, rules.statistics"
    code = f"import sys, {modules}; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
