"""What holds for every calendar in every zone, whatever its hours and days off."""

from datetime import UTC, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rules.calendars.calendars import (
    FIRST_READING,
    Calendar,
    add_business_seconds,
    add_working_days,
    business_reading,
    business_seconds_between,
    is_open,
    next_opening,
    subtract_business_seconds,
)
from tests.rules.wall_clocks import DAY, calendars, first_moment, moments, reads_open, spans, works_on

SECOND = timedelta(seconds=1)
unhurried = settings(deadline=None)  # the first look at a year works that year out


@unhurried
@given(calendars(), moments, spans)
def test_what_is_added_is_what_is_measured_and_not_a_second_later(
    calendar: Calendar, at: datetime, seconds: int
) -> None:
    ends = add_business_seconds(calendar, at, seconds)

    assert business_seconds_between(calendar, at, ends) == seconds
    assert business_seconds_between(calendar, at, ends - SECOND) == seconds - 1


@unhurried
@given(calendars(), moments, st.integers(-3, 400), st.integers(0, 23))
def test_two_readings_are_as_far_apart_as_the_business_time_between(
    calendar: Calendar, at: datetime, days: int, hour: int
) -> None:
    """Around New Year too, where the local year is not that of UTC."""
    first = max(at, FIRST_READING)
    new_year = datetime(first.year + 1, 1, 1, hour, tzinfo=UTC) + timedelta(days=days)
    last = max(first, new_year)

    passed = business_reading(calendar, last) - business_reading(calendar, first)
    assert passed == business_seconds_between(calendar, first, last)


@unhurried
@given(calendars(), moments, spans)
def test_going_back_undoes_going_on_and_lands_in_open_time(calendar: Calendar, at: datetime, seconds: int) -> None:
    began = subtract_business_seconds(calendar, at, seconds)

    assert business_seconds_between(calendar, began, at) == seconds
    assert business_seconds_between(calendar, began + SECOND, at) == seconds - 1
    assert is_open(calendar, began)


@unhurried
@given(calendars(), moments, spans)
def test_on_and_back_again_is_the_next_opening(calendar: Calendar, at: datetime, seconds: int) -> None:
    assert subtract_business_seconds(calendar, add_business_seconds(calendar, at, seconds), seconds) == next_opening(
        calendar, at
    )


@unhurried
@given(calendars(), moments, spans)
def test_back_and_on_again_is_the_last_closing(calendar: Calendar, at: datetime, seconds: int) -> None:
    closed = add_business_seconds(calendar, subtract_business_seconds(calendar, at, seconds), seconds)

    assert closed <= at
    assert business_seconds_between(calendar, closed, at) == 0
    assert is_open(calendar, closed - SECOND)


@unhurried
@given(calendars(), moments, spans, spans)
def test_two_spans_one_after_the_other_are_one_long_span(
    calendar: Calendar, at: datetime, first: int, second: int
) -> None:
    assert add_business_seconds(calendar, add_business_seconds(calendar, at, first), second) == add_business_seconds(
        calendar, at, first + second
    )
    assert subtract_business_seconds(
        calendar, subtract_business_seconds(calendar, at, first), second
    ) == subtract_business_seconds(calendar, at, first + second)


@unhurried
@given(calendars(), st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_open_time_of_two_parts_is_the_open_time_of_the_whole(calendar: Calendar, three: list[datetime]) -> None:
    start, middle, end = three

    assert business_seconds_between(calendar, start, middle) + business_seconds_between(
        calendar, middle, end
    ) == business_seconds_between(calendar, start, end)


@unhurried
@given(calendars(), moments, st.integers(0, 10**6), st.integers(1, 12), spans)
def test_nobody_who_files_later_is_promised_an_earlier_answer(
    calendar: Calendar, at: datetime, later: int, days: int, seconds: int
) -> None:
    then = at + timedelta(seconds=later)

    assert add_business_seconds(calendar, at, seconds) <= add_business_seconds(calendar, then, seconds)
    assert subtract_business_seconds(calendar, at, seconds) <= subtract_business_seconds(calendar, then, seconds)
    assert add_working_days(calendar, at, days) <= add_working_days(calendar, then, days)


@unhurried
@given(calendars(), moments, spans, spans, st.integers(1, 60))
def test_who_is_promised_more_time_waits_longer(
    calendar: Calendar, at: datetime, seconds: int, more: int, days: int
) -> None:
    assert add_business_seconds(calendar, at, seconds) < add_business_seconds(calendar, at, seconds + more)
    assert subtract_business_seconds(calendar, at, seconds) > subtract_business_seconds(calendar, at, seconds + more)
    assert add_working_days(calendar, at, days) <= add_working_days(calendar, at, days + 1)


@unhurried
@given(calendars(), moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, at: datetime) -> None:
    opens = next_opening(calendar, at)

    assert is_open(calendar, opens)
    assert business_seconds_between(calendar, at, opens) == 0
    assert (opens == at) if is_open(calendar, at) else (opens > at)
    assert next_opening(calendar, opens) == opens


@unhurried
@given(calendars(), moments)
def test_a_second_counts_exactly_when_the_team_is_open_in_it(calendar: Calendar, at: datetime) -> None:
    assert business_seconds_between(calendar, at, at + SECOND) == is_open(calendar, at) == reads_open(calendar, at)


@unhurried
@given(calendars(), moments, st.integers(1, 40))
def test_working_days_are_those_on_which_the_clock_on_the_wall_reads_an_open_time(
    calendar: Calendar, at: datetime, days: int
) -> None:
    opens = next_opening(calendar, at.replace(second=0)).astimezone(ZoneInfo(calendar.timezone))
    assume(not opens.fold)
    ahead = (opens.date() + DAY * step for step in count(1))
    day = next(islice((day for day in ahead if works_on(calendar, day)), days - 1, None))

    due = add_working_days(calendar, opens, days)

    assert due == next_opening(calendar, first_moment(calendar.timezone, datetime.combine(day, opens.time())))
