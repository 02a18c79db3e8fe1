"""The days of a span, as an explanation numbers them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from rules.calendars.calendars import Calendar, due_time
from rules.calendars.daily_breakdown import DayKind, DayRun, break_down_by_day, number_working_days
from rules.calendars.durations import Duration


@pytest.mark.parametrize(
    ("zone", "hours", "start", "skipped"),
    [
        ("Pacific/Apia", ((8 * 3600, 16 * 3600),), datetime(2011, 12, 29, 20, tzinfo=UTC), date(2011, 12, 30)),
        # The clocks of Warsaw jump from 2:00 to 3:00 on that Sunday, and the only window lies in the skipped hour.
        ("Europe/Warsaw", ((7200, 10_800),), datetime(2026, 3, 28, 0, 30, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_a_day_that_never_opened_has_no_number(
    zone: str, hours: tuple[tuple[int, int], ...], start: datetime, skipped: date
) -> None:
    calendar = Calendar(zone, (hours,) * 7)

    numbers = number_working_days(calendar, start, 3)

    assert skipped not in numbers
    due = due_time(calendar, start, Duration(days=3))
    lines = break_down_by_day(calendar, start, due, working_day_numbers=numbers)
    assert max(numbers) == due.astimezone(ZoneInfo(zone)).date()
    assert [line.kind for line in lines if isinstance(line, DayRun) and line.first == skipped] == [DayKind.CLOSED]
