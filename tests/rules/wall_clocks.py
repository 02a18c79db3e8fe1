"""What the clocks on teams' walls read, told by zoneinfo alone: the opening hours of many teams, and when they jump.

Nothing here asks rules/calendars/calendars.py anything; it only reads the hours that a calendar was made with.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays as public_holidays
from hypothesis import strategies as st

from rules.calendars.calendars import Calendar, Windows

H = 3600
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
HABITS = (
    "Europe/Warsaw",
    "America/New_York",
    "America/St_Johns",  # half an hour off the others
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Africa/Casablanca",  # winter in Ramadan
    "Asia/Tehran",  # the clock jumped at midnight, until 2022
    "America/Sao_Paulo",  # the same, until 2019
    "Pacific/Apia",  # 30 December 2011 never was
    "Asia/Kathmandu",  # never jumps, and is off by a quarter
    "Europe/Dublin",  # its winter is the saving
)
ZONES = (
    *HABITS,
    "Africa/Cairo",  # the clock jumps at midnight
    "America/Havana",  # midnight comes twice
    "Asia/Beirut",
    "Antarctica/Troll",  # two hours
)
ALWAYS: Windows = ((0, 24 * H),)
SHIFTS: Windows = ((8 * H, 12 * H), (12 * H + 1800, 16 * H + 1800))
A_MINUTE: Windows = ((150 * 60, 151 * 60),)
MANY: Windows = tuple((hour * H + 600, hour * H + 2400) for hour in range(24))
TO_MIDNIGHT: Windows = ((0, 30 * 60), (90 * 60, 150 * 60), (160 * 60, 200 * 60), (23 * H, 24 * H))
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = (ALWAYS, SHIFTS, A_MINUTE, MANY, TO_MIDNIGHT)

_any_time = st.datetimes(datetime(2011, 1, 1), datetime(2030, 12, 31))
_near_a_jump = st.builds(
    lambda zone, which, step: turn_of(zone, which) + timedelta(seconds=step),
    st.sampled_from(ZONES),
    st.integers(0, 100),
    st.integers(-10_000, 10_000),
)
moments = st.one_of(_any_time.map(lambda at: at.replace(microsecond=0, tzinfo=UTC)), _near_a_jump)
spans = st.integers(1, 60 * H)
_days = st.dates(date(2011, 1, 1), date(2030, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """A team somewhere: open on some weekdays, with holidays and days of its own or without."""
    week = draw(st.lists(st.sampled_from((*HOURS, ())), min_size=7, max_size=7).filter(any))
    extra = draw(st.dictionaries(_days, st.sampled_from(HOURS), max_size=3))
    closed = draw(st.frozensets(_days, max_size=3)) - extra.keys()
    return Calendar(draw(st.sampled_from(ZONES)), tuple(week), draw(st.sampled_from(("", "DE-BY"))), closed, extra)


def reads_open(calendar: Calendar, at: datetime) -> bool:
    """Whether the clock on the wall reads an open time."""
    local = at.astimezone(ZoneInfo(calendar.timezone))
    second = local.hour * H + local.minute * 60 + local.second
    return any(start <= second < end for start, end in hours_on(calendar, local.date()))


def hours_on(calendar: Calendar, day: date) -> Windows:
    """An extra day's hours before a day off, and both before the weekday's."""
    if day in calendar.extra:
        return calendar.extra[day]
    is_off = day in calendar.closed or day in _holidays(calendar.holidays, day.year)
    return () if is_off else calendar.hours[day.weekday()]


def first_moment(zone: str, reading: datetime) -> datetime:
    """The first minute in which the clock there reads that date and time or later, found by looking at each."""
    around = (reading.replace(tzinfo=UTC) + MINUTE * step for step in range(-26 * 60, 40 * 60))
    return next(at for at in around if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) >= reading)


def works_on(calendar: Calendar, day: date) -> bool:
    """Whether the clock on the wall reads an open time of that date in any minute at all."""
    begins, ends = (datetime.combine(day, time(), UTC) + timedelta(hours=hours) for hours in (-15, 39))
    if _set(calendar.timezone, begins) == _set(calendar.timezone, ends):
        return bool(hours_on(calendar, day))
    there = ZoneInfo(calendar.timezone)
    return any(reads_open(calendar, at) for at in minutes(begins, ends) if at.astimezone(there).date() == day)


@lru_cache
def jumps(zone: str) -> list[datetime]:
    """The minutes from 2011 to 2030 from which on the clock there is set otherwise than in the minute before."""
    days = [datetime(2011, 1, 1, tzinfo=UTC) + DAY * step for step in range(20 * 366)]
    changed = [(was, now) for was, now in pairwise(days) if _set(zone, was) != _set(zone, now)]
    return [next(at for at in minutes(was, now) if _set(zone, at) != _set(zone, was)) for was, now in changed]


def turn_of(zone: str, which: int) -> datetime:
    """One of those jumps; a New Year where the clock never jumps."""
    known = jumps(zone) or [NEW_YEAR]
    return known[which % len(known)]


def minutes(start: datetime, end: datetime) -> list[datetime]:
    """Every minute from one moment to another, both counted."""
    return [start + MINUTE * step for step in range((end - start) // MINUTE + 1)]


def _set(zone: str, at: datetime) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()


@lru_cache
def _holidays(code: str, year: int) -> frozenset[date]:
    country, _, part = code.partition("-")
    return frozenset(public_holidays.country_holidays(country, subdiv=part, years=year)) if code else frozenset()
