"""Business time: open hours, holidays, and clocks that jump."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.calendars.calendars import (
    ALWAYS_OPEN,
    Calendar,
    Windows,
    add_business_seconds,
    add_working_days,
    business_seconds_between,
    day_bounds,
    due_time,
    is_open,
    is_working_day,
    subtract_business_seconds,
)
from rules.calendars.durations import Duration

H = 3600
TWO_SHIFTS: Windows = ((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800))
OFFICE = Calendar(
    "Europe/Warsaw",
    (*[TWO_SHIFTS] * 5, (), ()),
    holidays="PL",
    closed=frozenset({date(2026, 12, 31)}),
    extra={date(2026, 12, 19): ((9 * H, 13 * H),)},
)
PLAIN = Calendar("Europe/Warsaw", (*[TWO_SHIFTS] * 5, (), ()), holidays="PL")
ONE_MINUTE = Calendar("Europe/Warsaw", (((150 * 60, 151 * 60),),) * 7)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Warsaw")).astimezone(UTC)


def test_a_window_is_open_from_its_first_second_and_closed_at_its_end() -> None:
    assert is_open(OFFICE, warsaw("2026-11-23 08:00:00"))
    assert is_open(OFFICE, warsaw("2026-11-23 11:59:59"))
    assert not is_open(OFFICE, warsaw("2026-11-23 12:00:00"))
    assert not is_open(OFFICE, warsaw("2026-11-23 07:59:59"))


def test_work_over_lunch_counts_only_the_open_hours() -> None:
    assert business_seconds_between(OFFICE, warsaw("2026-11-23 11:00"), warsaw("2026-11-23 13:00")) == 5400


def test_a_promise_made_on_friday_evening_begins_on_monday() -> None:
    assert add_business_seconds(OFFICE, warsaw("2026-11-20 18:00"), 2 * H) == warsaw("2026-11-23 10:00")


def test_a_promise_that_fills_the_day_is_due_at_closing_not_the_next_morning() -> None:
    assert add_business_seconds(OFFICE, warsaw("2026-11-20 08:00"), 8 * H) == warsaw("2026-11-20 16:30")


def test_the_new_year_begins_in_tokyo_while_it_is_still_the_old_one_in_greenwich() -> None:
    tokyo = Calendar("Asia/Tokyo", (((0, 24 * H),),) * 7)
    at = datetime(2026, 12, 31, 20, tzinfo=UTC)

    assert subtract_business_seconds(tokyo, at, 6 * H) == datetime(2026, 12, 31, 14, tzinfo=UTC)
    assert add_business_seconds(tokyo, at, 6 * H) == datetime(2027, 1, 1, 2, tzinfo=UTC)


def test_the_old_year_goes_on_in_new_york_while_it_is_the_new_one_in_greenwich() -> None:
    new_york = Calendar("America/New_York", (((0, 24 * H),),) * 7)
    at = datetime(2027, 1, 1, 2, tzinfo=UTC)

    assert add_business_seconds(new_york, at, 6 * H) == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert subtract_business_seconds(new_york, at, 6 * H) == datetime(2026, 12, 31, 20, tzinfo=UTC)


def test_going_back_to_the_first_opening_of_the_year_stays_in_that_year() -> None:
    assert subtract_business_seconds(OFFICE, warsaw("2027-01-04 09:00"), H) == warsaw("2027-01-04 08:00")


def test_nothing_is_promised_for_independence_day() -> None:
    assert not is_working_day(OFFICE, date(2026, 11, 11))
    assert add_business_seconds(OFFICE, warsaw("2026-11-10 15:30"), 2 * H) == warsaw("2026-11-12 09:00")


def test_corpus_christi_is_a_holiday_in_bavaria_but_not_in_hamburg() -> None:
    bavaria = Calendar("Europe/Berlin", (TWO_SHIFTS,) * 7, holidays="DE-BY")
    hamburg = Calendar("Europe/Berlin", (TWO_SHIFTS,) * 7, holidays="DE-HH")

    assert not is_working_day(bavaria, date(2026, 6, 4))
    assert is_working_day(hamburg, date(2026, 6, 4))


def test_a_day_off_of_the_house_is_closed_and_an_extra_saturday_is_open() -> None:
    assert not is_working_day(OFFICE, date(2026, 12, 31))
    assert business_seconds_between(OFFICE, warsaw("2026-12-19 00:00"), warsaw("2026-12-20 00:00")) == 4 * H


def test_three_working_days_end_at_the_same_time_of_day_past_the_weekend() -> None:
    assert add_working_days(OFFICE, warsaw("2026-11-19 10:15"), 3) == warsaw("2026-11-24 10:15")


def test_three_days_keep_the_time_of_day_when_the_clocks_change() -> None:
    every_day = Calendar("Europe/Warsaw", (TWO_SHIFTS,) * 7)

    assert add_working_days(every_day, warsaw("2026-03-27 10:00"), 3) == warsaw("2026-03-30 10:00")


def test_days_promised_in_the_night_count_from_the_next_opening() -> None:
    assert add_working_days(OFFICE, warsaw("2026-11-21 03:00"), 1) == warsaw("2026-11-24 08:00")
    assert add_working_days(OFFICE, warsaw("2026-11-22 21:00"), 1) == warsaw("2026-11-24 08:00")


def test_a_day_that_never_was_is_no_working_day() -> None:
    apia = Calendar("Pacific/Apia", (TWO_SHIFTS,) * 7)
    at = datetime(2011, 12, 29, 10, tzinfo=ZoneInfo("Pacific/Apia"))

    assert not is_working_day(apia, date(2011, 12, 30))
    assert add_working_days(apia, at, 1) == datetime(2011, 12, 31, 10, tzinfo=ZoneInfo("Pacific/Apia"))


def test_who_files_in_the_hour_that_comes_again_is_promised_no_earlier_answer() -> None:
    always = Calendar("Europe/Warsaw", (((0, 24 * H),),) * 7)
    first, again = (datetime(2026, 10, 25, 0, 50, tzinfo=UTC), datetime(2026, 10, 25, 1, 10, tzinfo=UTC))

    assert add_working_days(always, first, 1) == warsaw("2026-10-26 02:50:00")
    assert add_working_days(always, again, 1) == warsaw("2026-10-26 02:59:59")


def test_ten_years_of_working_days_are_counted_as_one_is() -> None:
    at = warsaw("2026-11-23 10:00")
    one_by_one = at
    for _ in range(2500):
        one_by_one = add_working_days(OFFICE, one_by_one, 1)

    assert add_working_days(OFFICE, at, 2500) == one_by_one


def test_thirty_years_of_the_office_hold_the_hours_of_all_their_days() -> None:
    start, days = date(2000, 1, 1), 10_958
    by_hand = sum(8 * H * is_working_day(PLAIN, start + timedelta(days=step)) for step in range(days))

    assert business_seconds_between(PLAIN, warsaw("2000-01-01 00:00"), warsaw("2030-01-01 00:00")) == by_hand
    assert add_business_seconds(PLAIN, warsaw("2000-01-01 00:00"), by_hand) == warsaw("2029-12-31 16:30")
    assert subtract_business_seconds(PLAIN, warsaw("2030-01-01 00:00"), by_hand) == warsaw("2000-01-03 08:00")


def test_days_that_end_after_closing_are_due_at_the_next_opening() -> None:
    short_friday = Calendar("Europe/Warsaw", (*[TWO_SHIFTS] * 4, ((8 * H, 12 * H),), (), ()))

    assert add_working_days(short_friday, warsaw("2026-11-19 15:00"), 1) == warsaw("2026-11-23 08:00")


def test_a_due_time_follows_the_form_of_the_promise() -> None:
    at = warsaw("2026-11-20 16:00")

    assert due_time(OFFICE, at, Duration(seconds=H)) == warsaw("2026-11-23 08:30")
    assert due_time(OFFICE, at, Duration(days=1)) == warsaw("2026-11-23 16:00")


def test_an_hour_that_daylight_saving_skips_is_no_open_time() -> None:
    night = Calendar("Europe/Warsaw", (((1 * H, 4 * H),),) * 7)

    assert business_seconds_between(night, warsaw("2026-03-29 00:00"), warsaw("2026-03-29 05:00")) == 2 * H


def test_an_hour_that_comes_twice_counts_twice() -> None:
    night = Calendar("Europe/Warsaw", (((1 * H, 4 * H),),) * 7)

    assert business_seconds_between(night, warsaw("2026-10-25 00:00"), warsaw("2026-10-25 05:00")) == 4 * H


def test_a_minute_that_the_clock_skips_waits_for_the_next_day() -> None:
    assert add_business_seconds(ONE_MINUTE, warsaw("2026-03-29 00:00"), 30) == warsaw("2026-03-30 02:30:30")


def test_a_day_is_23_24_or_25_hours_long() -> None:
    lengths = [
        (ends - begins) // timedelta(hours=1)
        for begins, ends in (
            day_bounds(OFFICE, day) for day in (date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25))
        )
    ]

    assert lengths == [23, 24, 25]
    assert day_bounds(OFFICE, date(2026, 3, 30))[0] == warsaw("2026-03-30 00:00")


def test_a_day_whose_midnight_is_skipped_begins_at_one() -> None:
    cairo = Calendar("Africa/Cairo", (((0, 24 * H),),) * 7)

    begins, ends = day_bounds(cairo, date(2026, 4, 24))

    assert begins.astimezone(ZoneInfo("Africa/Cairo")).hour == 1
    assert ends - begins == timedelta(hours=23)


def test_day_and_night_every_second_counts() -> None:
    at = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert business_seconds_between(ALWAYS_OPEN, at, at + timedelta(days=400)) == 400 * 86_400
    assert add_business_seconds(ALWAYS_OPEN, at, 2) == datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_no_time_passes_backwards() -> None:
    at = warsaw("2026-11-23 10:00")

    assert business_seconds_between(OFFICE, at, at) == 0
    assert business_seconds_between(OFFICE, at, at - timedelta(days=9)) == 0
    assert add_business_seconds(OFFICE, at, 0) == subtract_business_seconds(OFFICE, at, 0) == at


def test_parts_of_a_second_are_dropped() -> None:
    at = warsaw("2026-11-23 10:00")

    assert add_business_seconds(OFFICE, at + timedelta(milliseconds=900), 60) == at + timedelta(seconds=60)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    at = datetime(2026, 11, 23, 4, 0, tzinfo=ZoneInfo("America/New_York"))

    assert add_business_seconds(OFFICE, at, 60) == warsaw("2026-11-23 10:01")
    assert add_business_seconds(OFFICE, at, 60).tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its time zone"):
        is_open(OFFICE, datetime(2026, 11, 23, 10))
