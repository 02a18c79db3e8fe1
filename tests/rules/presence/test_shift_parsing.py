"""`/desk shift …` is read as people write it, by their own clock, or asked back."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handlers.text.slack import render
from rules.errors import Refused
from rules.presence.shift_parsing import own_shift_on, parse_shift, shift_text
from rules.presence.shifts import Shift

WARSAW = "Europe/Warsaw"
NOW = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)  # Monday 9:00 in Warsaw


def read(text: str, now: datetime = NOW) -> Shift:
    return parse_shift(text, now, WARSAW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(WARSAW)).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("saturday 9:00-13:00", "Sat 10 Oct, 09:00-13:00"),
        ("sat 9-13", "Sat 10 Oct, 09:00-13:00"),
        ("on Saturday from 9:00 until 13:00", "Sat 10 Oct, 09:00-13:00"),
        ("9:00–13:00 saturday", "Sat 10 Oct, 09:00-13:00"),
        ("tomorrow 9am to 1pm", "Tue 6 Oct, 09:00-13:00"),
        ("2026-12-05 22:00-06:00", "Sat 5 Dec 22:00 to Sun 6 Dec 06:00 (overnight, 8 h)"),
        ("22:00-06:00", "Mon 5 Oct 22:00 to Tue 6 Oct 06:00 (overnight, 8 h)"),
        ("today 18:00-24:00", "Mon 5 Oct, 18:00-midnight"),
        ("18-24", "Mon 5 Oct, 18:00-midnight"),
        ("saturday 18:00 until midnight", "Sat 10 Oct, 18:00-midnight"),
        ("saturday 18:00 until saturday 24:00", "Sat 10 Oct, 18:00-midnight"),
        ("friday from 24:00 to 6:00", "Sat 10 Oct, 00:00-06:00"),
        ("monday 17:00-9:00", "Mon 5 Oct 17:00 to Tue 6 Oct 09:00 (overnight, 16 h)"),
        ("friday 20:00 - saturday 4:00", "Fri 9 Oct 20:00 to Sat 10 Oct 04:00 (overnight, 8 h)"),
        ("today 8:00-12:00", "Mon 5 Oct, 09:00-12:00"),
    ],
)
def test_it_is_understood_as_people_write_it(text: str, words: str) -> None:
    shift = read(text)

    assert render(shift_text(shift.begins, shift.ends, NOW, WARSAW)) == words


def test_a_time_that_is_not_later_is_one_of_the_next_day() -> None:
    assert read("2026-12-05 22:00-06:00") == Shift(at("2026-12-05T22:00"), at("2026-12-06T06:00"))


def test_a_night_in_which_the_clock_changes_is_as_long_as_it_is() -> None:
    longer, shorter = read("2026-10-24 22:00-06:00"), read("2027-03-27 22:00-06:00")

    assert [(one.ends - one.begins).total_seconds() / 3600 for one in (longer, shorter)] == [9, 7]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("saturday", "From when until when do you work?"),
        ("saturday 9:00", "From when until when do you work?"),
        ("saturday 9:00-13:00 perhaps", "Until when do you work?"),
        ("saturday 9:00 until late", "Until when do you work?"),
        ("today 6:00-8:00", "Mon 5 Oct, 06:00-08:00 is in the past"),
        ("2026-10-01 9:00-13:00", "Thu 1 Oct, 09:00-13:00 is in the past"),
        ("saturday 9:00-9:00", "Sat 10 Oct 09:00 to Sun 11 Oct 09:00 .overnight, 24 h. is longer than 16 h"),
        ("saturday 9:00 until 2026-10-09 13:00", "ends before it begins"),
        ("2028-10-09 9:00-13:00", "is more than a year from now"),
        ("saturday 25:00-26:00", "`25:00` is not a time of day"),
    ],
)
def test_what_cannot_be_meant_is_asked_back(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(text)


def test_a_form_says_the_same() -> None:
    day = at("2026-10-10T00:00").astimezone(ZoneInfo(WARSAW)).date()

    assert own_shift_on(day, time(22), time(6), NOW, WARSAW) == read("saturday 22:00-06:00")
