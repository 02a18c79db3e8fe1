"""What holds for every calendar in every zone, also where its clock jumps."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendars import Calendar, Windows, add, add_days, back, is_open, measure, next_opening, windows_on

H = 3600
ZONES = (
    "Europe/Warsaw",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Africa/Cairo",  # the clock jumps at midnight
    "America/Havana",  # midnight comes twice
    "Asia/Beirut",
    "Africa/Casablanca",  # winter in Ramadan
    "Pacific/Apia",  # 30 December 2011 never was
    "Antarctica/Troll",  # two hours
    "America/Sao_Paulo",
    "Asia/Kathmandu",
)
HOURS: tuple[Windows, ...] = (
    ((0, 24 * H),),
    ((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800)),
    ((90 * 60, 150 * 60), (160 * 60, 200 * 60), (23 * H, 24 * H)),
    ((150 * 60, 151 * 60),),
)

moments = st.datetimes(datetime(2011, 1, 1), datetime(2027, 12, 31)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
calendars = st.builds(
    lambda zone, hours, days: Calendar(zone, tuple(hours if day < days else () for day in range(7))),
    st.sampled_from(ZONES),
    st.sampled_from(HOURS),
    st.integers(1, 7),
)
spans = st.integers(1, 60 * H)
unhurried = settings(deadline=None)  # the first look at a year works that year out


@unhurried
@given(calendars, moments, spans)
def test_what_is_added_is_what_is_measured_and_not_a_second_later(
    calendar: Calendar, at: datetime, seconds: int
) -> None:
    ends = add(calendar, at, seconds)

    assert measure(calendar, at, ends) == seconds
    assert measure(calendar, at, ends - timedelta(seconds=1)) == seconds - 1


@unhurried
@given(calendars, moments, spans)
def test_going_back_undoes_going_on_and_lands_in_open_time(calendar: Calendar, at: datetime, seconds: int) -> None:
    began = back(calendar, at, seconds)

    assert measure(calendar, began, at) == seconds
    assert measure(calendar, began + timedelta(seconds=1), at) == seconds - 1
    assert is_open(calendar, began)


@unhurried
@given(calendars, moments, spans, spans)
def test_two_spans_one_after_the_other_are_one_long_span(
    calendar: Calendar, at: datetime, first: int, second: int
) -> None:
    assert add(calendar, add(calendar, at, first), second) == add(calendar, at, first + second)


@unhurried
@given(calendars, st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_open_time_of_two_parts_is_the_open_time_of_the_whole(calendar: Calendar, three: list[datetime]) -> None:
    start, middle, end = three

    assert measure(calendar, start, middle) + measure(calendar, middle, end) == measure(calendar, start, end)


@unhurried
@given(calendars, moments, st.integers(0, 10**6), st.integers(1, 12), spans)
def test_nobody_who_files_later_is_promised_an_earlier_answer(
    calendar: Calendar, at: datetime, later: int, days: int, seconds: int
) -> None:
    then = at + timedelta(seconds=later)

    assert add(calendar, at, seconds) <= add(calendar, then, seconds)
    assert add_days(calendar, at, days) <= add_days(calendar, then, days)


@unhurried
@given(calendars, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, at: datetime) -> None:
    opens = next_opening(calendar, at)

    assert is_open(calendar, opens)
    assert measure(calendar, at, opens) == 0
    assert opens >= at


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from(HOURS), st.sampled_from((2011, 2018, 2026)))
def test_the_team_is_open_when_its_wall_clock_says_so_also_where_the_clock_jumps(
    zone: str, hours: Windows, year: int
) -> None:
    calendar = Calendar(zone, (hours,) * 7)
    for jump in _jumps(zone, year):
        minutes = [jump + timedelta(minutes=step) for step in range(-26 * 60, 26 * 60)]
        read_off = [_reads_open(calendar, at) for at in minutes]

        assert measure(calendar, minutes[0], minutes[-1]) == 60 * sum(read_off[:-1])
        assert [is_open(calendar, at) for at in minutes[::7]] == read_off[::7]


def _jumps(zone: str, year: int) -> list[datetime]:
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=step) for step in range(365 * 24)]
    offsets = [(at, at.astimezone(ZoneInfo(zone)).utcoffset()) for at in hours]
    return [hours[0], *(at for (_, before), (at, after) in pairwise(offsets) if before != after)]


def _reads_open(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.timezone))
    second = local.hour * H + local.minute * 60 + local.second
    return any(start <= second < end for start, end in windows_on(calendar, local.date()))
