"""Business time beside a walk that reads the clock on the wall, minute by minute over every jump, or each second."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars.calendars import (
    Calendar,
    Windows,
    add_business_seconds,
    add_working_days,
    business_seconds_between,
    is_open,
    is_working_day,
    next_opening,
    subtract_business_seconds,
)
from tests.rules.wall_clocks import (
    A_MINUTE,
    ALWAYS,
    DAY,
    HABITS,
    HOURS,
    MANY,
    MINUTE,
    NEW_YEAR,
    TO_MIDNIGHT,
    ZONES,
    H,
    hours_on,
    jumps,
    minutes,
    reads_open,
    turn_of,
    works_on,
)

HOUR, AROUND = timedelta(hours=1), timedelta(hours=8)

_seconds = st.lists(st.integers(0, 24 * H), min_size=2, max_size=12, unique=True).map(sorted)
_odd_hours = _seconds.map(lambda edges: tuple(zip(edges[::2], edges[1::2], strict=False)))


@pytest.mark.parametrize("zone", HABITS)
def test_over_every_jump_the_open_minutes_are_those_that_the_wall_shows(zone: str) -> None:
    teams = [Calendar(zone, (hours,) * 7) for hours in HOURS]
    for at in [NEW_YEAR, *jumps(zone)]:
        for team in teams:
            _compare(team, at)


@pytest.mark.parametrize("zone", HABITS)
def test_days_off_and_extra_days_hold_also_where_the_clock_jumps(zone: str) -> None:
    days = [at.astimezone(ZoneInfo(zone)).date() for at in jumps(zone)]
    own = dict.fromkeys(days[1::3], TO_MIDNIGHT)
    bavarian = Calendar(zone, (*[MANY] * 5, (), A_MINUTE), "DE-BY", frozenset(days[::3]) - own.keys(), own)
    for at in [NEW_YEAR, *jumps(zone)]:
        _compare(bavarian, at)


@pytest.mark.parametrize("zone", HABITS)
def test_around_a_jump_nobody_who_files_later_is_promised_an_earlier_day(zone: str) -> None:
    for at in jumps(zone):
        for hours in (ALWAYS, TO_MIDNIGHT):
            team = Calendar(zone, (hours,) * 7)
            due = [add_working_days(team, minute, 1) for minute in minutes(at - 2 * HOUR, at + 2 * HOUR)]

            assert due == sorted(due)


@pytest.mark.parametrize("zone", HABITS)
def test_a_working_day_is_one_on_which_the_wall_reads_an_open_time(zone: str) -> None:
    nightly = Calendar(zone, (A_MINUTE,) * 7)
    for at in jumps(zone):
        before = (at - MINUTE).astimezone(ZoneInfo(zone)).date()
        days = [before, before + DAY]

        assert [is_working_day(nightly, day) for day in days] == [works_on(nightly, day) for day in days]


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(ZONES), _odd_hours, st.integers(0, 100), st.integers(-H, H))
def test_hours_that_begin_and_end_at_any_second_count_by_the_second(
    zone: str, hours: Windows, which: int, off: int
) -> None:
    calendar, middle = Calendar(zone, (hours,) * 7), turn_of(zone, which) + timedelta(seconds=off)
    seconds = [middle + timedelta(seconds=step) for step in range(-H // 2, H // 2)]

    assert [is_open(calendar, at) for at in seconds] == [reads_open(calendar, at) for at in seconds]
    assert business_seconds_between(calendar, seconds[0], seconds[-1]) == sum(
        reads_open(calendar, at) for at in seconds[:-1]
    )


def _compare(calendar: Calendar, jump: datetime) -> None:
    """Every way to ask, from many minutes around the jump, beside what the walk counted."""
    walked = minutes(jump - AROUND, jump + AROUND)
    opened = _walk(calendar, walked[0], walked[-1])
    passed = [0, *accumulate(opened)]
    assert [is_open(calendar, at) for at in walked[::11]] == opened[::11]
    for index in range(0, len(walked), 41):
        at, before = walked[index], passed[index]
        assert business_seconds_between(calendar, walked[0], at) == 60 * before
        assert business_seconds_between(calendar, at, walked[-1]) == 60 * (passed[len(walked) - 1] - before)
        if before < passed[-1]:
            assert next_opening(calendar, at) == walked[opened.index(True, index)]
        for length in (1, 45, 4 * 60):
            if before + length < passed[-1]:
                assert add_business_seconds(calendar, at, 60 * length) == walked[bisect_left(passed, before + length)]
            if before - length > 0:
                assert (
                    subtract_business_seconds(calendar, at, 60 * length)
                    == walked[bisect_right(passed, before - length) - 1]
                )


def _walk(calendar: Calendar, start: datetime, end: datetime) -> list[bool]:
    """Whether the wall reads an open time, in each of these minutes."""
    readings = _readings(calendar.timezone, start, end)
    hours = {day: hours_on(calendar, day) for day in {day for day, _ in readings}}
    return [any(opens <= second < closes for opens, closes in hours[day]) for day, second in readings]


@lru_cache(maxsize=2)
def _readings(zone: str, start: datetime, end: datetime) -> list[tuple[date, int]]:
    """What the wall shows there minute by minute: the date, and the second of the day."""
    local = (at.astimezone(ZoneInfo(zone)) for at in minutes(start, end))
    return [(at.date(), at.hour * H + at.minute * 60) for at in local]
