"""Calendars that could promise nothing are refused, and so is a promise that no calendar could keep."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from rules.calendars.calendars import (
    Calendar,
    NeverOpen,
    add_business_seconds,
    add_working_days,
    next_opening,
    subtract_business_seconds,
)
from rules.errors import Refused
from tests.rules.calendars.test_calendars import ONE_MINUTE, TWO_SHIFTS, H, warsaw


@pytest.mark.parametrize("name", ["Europe/Warszawa", "Europe", "", "../passwd", "x\0y"])
def test_a_place_that_no_clock_knows_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(Refused, match="is not a time zone: write its IANA name, such as Europe/Warsaw"):
        Calendar(name, (TWO_SHIFTS,) * 7)


@pytest.mark.parametrize("code", ["XX", "DE-XX", "Poland", "pl", "PL-", "?"])
def test_a_country_without_known_holidays_is_refused(code: str) -> None:
    with pytest.raises(Refused, match="has no known holidays"):
        Calendar("UTC", (TWO_SHIFTS,) * 7, holidays=code)


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(Refused, match="never open"):
        Calendar("UTC", ((),) * 7)


@pytest.mark.parametrize(
    "ask",
    [
        next_opening,
        lambda team, at: add_business_seconds(team, at, 60),
        lambda team, at: add_working_days(team, at, 1),
        lambda team, at: subtract_business_seconds(team, at, 60),
    ],
    ids=["next_opening", "add", "add_days", "back"],
)
def test_a_team_that_never_opens_again_is_told_so(ask: Callable[[Calendar, datetime], datetime]) -> None:
    every_day = frozenset(date(1900, 1, 1) + timedelta(days=step) for step in range(250 * 366))
    shut = Calendar("Europe/Warsaw", (TWO_SHIFTS,) * 7, closed=every_day)

    with pytest.raises(Refused, match="not open long enough in 100 years: give it more hours"):
        ask(shut, warsaw("2026-11-23 10:00"))


def test_a_team_that_still_opens_once_can_promise_only_that_much() -> None:
    closed = frozenset(date(2026, 11, 24) + timedelta(days=step) for step in range(101 * 366))
    ending = Calendar("Europe/Warsaw", (TWO_SHIFTS,) * 7, closed=closed)
    at = warsaw("2026-11-23 10:00")

    assert add_business_seconds(ending, at, 6 * H) == warsaw("2026-11-23 16:30")
    with pytest.raises(NeverOpen):
        add_business_seconds(ending, at, 6 * H + 1)
    with pytest.raises(NeverOpen):
        add_working_days(ending, at, 1)


def test_more_than_a_hundred_years_of_open_time_is_refused() -> None:
    with pytest.raises(NeverOpen):
        add_business_seconds(ONE_MINUTE, warsaw("2026-11-23 10:00"), 101 * 366 * 60)


@pytest.mark.parametrize("window", [(12 * H, 8 * H), (8 * H, 8 * H), (-1, 8 * H), (8 * H, 24 * H + 1)])
def test_a_window_that_is_no_part_of_a_day_is_refused(window: tuple[int, int]) -> None:
    with pytest.raises(Refused, match="begin before they end"):
        Calendar("UTC", ((window,),) * 7)


def test_overlapping_windows_are_refused_by_name() -> None:
    with pytest.raises(Refused, match="08:00-12:00 and 11:30-16:30 overlap"):
        Calendar("UTC", (((11 * H + 1800, 16 * H + 1800), (8 * H, 12 * H)),) * 7)


def test_a_week_of_six_days_is_refused() -> None:
    with pytest.raises(Refused, match="seven days"):
        Calendar("UTC", (TWO_SHIFTS,) * 6)


def test_a_day_both_closed_and_extra_is_refused() -> None:
    day = date(2026, 12, 24)

    with pytest.raises(Refused, match="2026-12-24 is both closed and an extra open day"):
        Calendar("UTC", (TWO_SHIFTS,) * 7, closed=frozenset({day}), extra={day: TWO_SHIFTS})
