"""Business time: when a team is open, how many open seconds lie between two moments, and when a target is due.

A team is open while its local clock reads a time inside one of the day's windows. An hour that daylight saving skips is
therefore not open, and an hour that it repeats counts twice; what is counted is always real seconds. Moments come in
and go out as aware UTC, read to the whole second.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise

from rules.calendars.durations import Duration
from rules.calendars.public_holidays import check_holiday_country, holidays_in_year
from rules.calendars.timezones import (
    SECONDS_PER_DAY,
    first_moment_showing,
    latest_reading,
    local_date,
    midnight_of,
    time_zone,
    utc_offsets,
)
from rules.errors import Refused
from rules.text import Day, _

Window = tuple[int, int]
Windows = tuple[Window, ...]

_DAYS_PER_WEEK = 7
_MAX_YEARS = 100  # years to search for open time
_ONE_DAY = timedelta(days=1)
FIRST_READING = datetime(2020, 1, 1, tzinfo=UTC)
_LOOKAHEAD_DAYS = 60  # to search for a working day


class NeverOpen(Refused):
    """The calendar has too little open time in the years the desk looks ahead or back."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The team's calendar is not open long enough in {years} years: give it more hours, fewer days off, "
                "or a shorter SLA target.",
                years=_MAX_YEARS,
            )
        )


@dataclass(frozen=True, slots=True)
class OpenYear:
    """The open windows of one local year as UTC seconds, in order, each with the open seconds before it."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def open_seconds_until(self, at: int) -> int:
        index = bisect_right(self.starts, at) - 1
        return self.before[index] + min(at, self.ends[index]) - self.starts[index] if index >= 0 else 0

    def windows_between(self, first: int, last: int) -> Iterator[Window]:
        begins, ends = bisect_right(self.ends, first), bisect_left(self.starts, last)
        return zip(self.starts[begins:ends], self.ends[begins:ends], strict=True)

    def first_moment_with(self, opened: int) -> int:
        """The first moment at which that many open seconds (1 to total) have passed."""
        index = bisect_left(self.before, opened) - 1
        return self.starts[index] + opened - self.before[index]

    def last_moment_with(self, opened: int) -> int:
        """The last moment at which no more than that many open seconds (0 to total - 1) have passed."""
        index = bisect_right(self.before, opened) - 1
        return self.starts[index] + opened - self.before[index]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours by the local clock; Refused when the zone or the holidays do not exist, or when it never opens.

    `hours` are seven days from Monday on, each a tuple of (start, end) seconds of the day, half-open; 86,400 ends at
    midnight. `holidays` is a country, with its part where wanted ("PL", "DE-BY"). A date in `closed` has no open time;
    a date in `extra` has exactly those windows, whatever its weekday or holiday.
    """

    timezone: str
    hours: tuple[Windows, ...]
    holidays: str = ""
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, Windows] = field(default_factory=dict, hash=False)
    _years: dict[int, OpenYear] = field(default_factory=dict, init=False, repr=False, compare=False)
    _days: dict[int, list[int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _before: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        time_zone(self.timezone)
        if self.holidays:
            check_holiday_country(self.holidays)
        if len(self.hours) != _DAYS_PER_WEEK:
            raise Refused(_("A calendar has hours for seven days, Monday to Sunday."))
        object.__setattr__(self, "hours", tuple(sort_windows(windows) for windows in self.hours))
        object.__setattr__(self, "extra", {day: sort_windows(windows) for day, windows in self.extra.items()})
        if not any(self.hours):
            raise Refused(_("A calendar that is never open has no due times: give it hours on some weekday."))
        for day in sorted(self.closed & self.extra.keys()):
            raise Refused(_("{day} is both closed and an extra open day: keep one of the two.", day=Day(day)))


def is_open(calendar: Calendar, at: datetime) -> bool:
    moment = _to_seconds(at)
    years = _open_years(calendar, at, at)
    return any(year.open_seconds_until(moment + 1) > year.open_seconds_until(moment) for year in years)


def next_opening(calendar: Calendar, at: datetime) -> datetime:
    """The first open moment that is not before `at`: `at` itself while the team is open; NeverOpen if there is none."""
    return add_business_seconds(calendar, at, 1) - timedelta(seconds=1)


def add_business_seconds(calendar: Calendar, at: datetime, seconds: int) -> datetime:
    """The first moment at which so much open time has passed since `at`; NeverOpen if it never does."""
    moment = _to_seconds(at)
    if seconds <= 0:
        return _from_seconds(moment)
    first = (at.astimezone(UTC) - _ONE_DAY).year
    for number in range(first, first + _MAX_YEARS):
        year = _open_year(calendar, number)
        passed = year.open_seconds_until(moment)
        if seconds <= year.total - passed:
            return _from_seconds(year.first_moment_with(passed + seconds))
        seconds -= year.total - passed
    raise NeverOpen


def subtract_business_seconds(calendar: Calendar, at: datetime, seconds: int) -> datetime:
    """The last moment from which so much open time passes until `at`, an open one; else as `add_business_seconds`."""
    moment = _to_seconds(at)
    if seconds <= 0:
        return _from_seconds(moment)
    last = (at.astimezone(UTC) + _ONE_DAY).year
    for number in range(last, last - _MAX_YEARS, -1):
        year = _open_year(calendar, number)
        passed = year.open_seconds_until(moment)
        if seconds <= passed:
            return _from_seconds(year.last_moment_with(passed - seconds))
        seconds -= passed
    raise NeverOpen


def business_seconds_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """The second of `end` is not counted; 0 when `end` is not later than `start`."""
    first, last = _to_seconds(start), _to_seconds(end)
    if last <= first:
        return 0
    years = _open_years(calendar, start, end)
    return sum(year.open_seconds_until(last) - year.open_seconds_until(first) for year in years)


def business_reading(calendar: Calendar, at: datetime) -> int:
    """Open seconds since FIRST_READING until `at`: the difference of two readings is the business time between them.

    A moment is read once, however many others it is compared with, and however far away they are.
    """
    at = max(at.astimezone(UTC), FIRST_READING)
    moment, day = _to_seconds(at), (at.month, at.day)
    first = at.year - 1 if day == (1, 1) else at.year  # around New Year the local year may be another one
    last = at.year + 1 if day == (12, 31) else at.year
    passed = _seconds_before_year(calendar, first)
    for number in range(first, last + 1):
        passed += _open_year(calendar, number).open_seconds_until(moment)
    return passed


def add_working_days(calendar: Calendar, at: datetime, days: int) -> datetime:
    """The same local time of day so many working days later; the next open moment where that moment is closed.

    Counting begins when the team is next open, so a ticket of Saturday morning and one of Sunday night both count from
    Monday's opening, and a later ticket never gets an earlier answer: not even while the local clock repeats an hour,
    since a ticket filed in it then counts from its end.
    """
    opens = _to_seconds(next_opening(calendar, at))
    counted_from = _from_seconds(latest_reading(calendar.timezone, opens))  # a local reading, not a moment in UTC
    day = _working_day_after(calendar, counted_from.date(), days)
    return next_opening(calendar, _from_seconds(first_moment_showing(calendar.timezone, day, counted_from.time())))


def keeps_time_of_day(calendar: Calendar, start: datetime, days: int) -> bool:
    """Whether a target of so many days is due at the very time of day at which it began to count."""
    zone = time_zone(calendar.timezone)
    begins, ends = next_opening(calendar, start), add_working_days(calendar, start, days)
    return begins.astimezone(zone).time() == ends.astimezone(zone).time()


def due_time(calendar: Calendar, at: datetime, duration: Duration) -> datetime:
    if duration.days:
        return add_working_days(calendar, at, duration.days)
    return add_business_seconds(calendar, at, duration.seconds)


def day_bounds(calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """The moments at which that local day and the next one begin: 23, 24 or 25 hours apart."""
    begins, ends = (first_moment_showing(calendar.timezone, each, time()) for each in (day, day + _ONE_DAY))
    return _from_seconds(begins), _from_seconds(ends)


def moment_on(calendar: Calendar, day: date, reading: time) -> datetime:
    """When the local clock first shows that time on that day, or a later one where it skips it."""
    return _from_seconds(first_moment_showing(calendar.timezone, day, reading))


def day_due(calendar: Calendar, reading: time, now: datetime) -> date | None:
    """The local date, if it is a working day on which the local clock has shown that time by now."""
    day = local_date(now, calendar.timezone)
    return day if is_working_day(calendar, day) and moment_on(calendar, day, reading) <= now else None


def next_moment_at(calendar: Calendar, reading: time, now: datetime) -> datetime | None:
    """When the local clock shows that time next on a working day; None when no such day comes soon."""
    days = (local_date(now, calendar.timezone) + timedelta(days=ahead) for ahead in range(_LOOKAHEAD_DAYS))
    moments = (moment_on(calendar, day, reading) for day in days if is_working_day(calendar, day))
    return next((moment for moment in moments if moment > now), None)


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether the team opens on that date of its own calendar; never on a date that its local clock skips."""
    return bool(open_windows_on(calendar, day)) and business_seconds_between(calendar, *day_bounds(calendar, day)) > 0


def open_windows_on(calendar: Calendar, day: date) -> Windows:
    """The open windows of that date in seconds of the local day; none on a day off."""
    if day in calendar.extra:
        return calendar.extra[day]
    if day in calendar.closed or (calendar.holidays and day in holidays_in_year(calendar.holidays, day.year)):
        return ()
    return calendar.hours[day.weekday()]


def open_periods(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    first, last = _to_seconds(start), _to_seconds(end)
    windows = (window for year in _open_years(calendar, start, end) for window in year.windows_between(first, last))
    return [(_from_seconds(max(opens, first)), _from_seconds(min(closes, last))) for opens, closes in windows]


def holiday_on(calendar: Calendar, day: date) -> str:
    return holidays_in_year(calendar.holidays, day.year).get(day, "") if calendar.holidays else ""


def _working_day_after(calendar: Calendar, since: date, days: int) -> date:
    for number in range(since.year, since.year + _MAX_YEARS):
        ordinals = _working_days(calendar, number)
        passed = bisect_right(ordinals, since.toordinal())
        if passed + days <= len(ordinals):
            return date.fromordinal(ordinals[passed + days - 1])
        days -= len(ordinals) - passed
    raise NeverOpen


def _working_days(calendar: Calendar, number: int) -> list[int]:
    if number not in calendar._days:
        ordinals = [day for day in _day_ordinals(number) if is_working_day(calendar, date.fromordinal(day))]
        calendar._days[number] = ordinals
    return calendar._days[number]


def _open_years(calendar: Calendar, start: datetime, end: datetime) -> Iterator[OpenYear]:
    """Every local year that the span may touch: the local date is at most a day off the UTC one."""
    first, last = (start.astimezone(UTC) - _ONE_DAY).year, (end.astimezone(UTC) + _ONE_DAY).year
    return (_open_year(calendar, number) for number in range(first, last + 1))


def _open_year(calendar: Calendar, number: int) -> OpenYear:
    year = calendar._years.get(number)
    if year is None:
        year = calendar._years[number] = _build_open_year(calendar, number)
    return year


def _seconds_before_year(calendar: Calendar, number: int) -> int:
    """The open seconds of the local years before, from the first that a reading counts."""
    if number < FIRST_READING.year:
        return 0
    if number not in calendar._before:
        earlier = _seconds_before_year(calendar, number - 1)
        calendar._before[number] = earlier + _open_year(calendar, number - 1).total
    return calendar._before[number]


def _build_open_year(calendar: Calendar, number: int) -> OpenYear:
    spans = list(_utc_windows(calendar, number))
    *before, total = accumulate((end - start for start, end in spans), initial=0)
    return OpenYear([start for start, _ in spans], [end for _, end in spans], before, total)


def _utc_windows(calendar: Calendar, number: int) -> Iterator[Window]:
    """The year's windows in UTC: each day's laid over each period of one UTC offset, and cut where that ends."""
    for begins, ends, offset in utc_offsets(calendar.timezone, number):
        for day in _day_ordinals(number):
            first = midnight_of(day) - offset
            if begins - SECONDS_PER_DAY < first < ends:
                for opens, closes in open_windows_on(calendar, date.fromordinal(day)):
                    start, end = max(first + opens, begins), min(first + closes, ends)
                    if start < end:
                        yield start, end


def _day_ordinals(number: int) -> range:
    return range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal())


def sort_windows(windows: Windows) -> Windows:
    """Refused where a window does not lie within one day or two windows overlap."""
    ordered = tuple(sorted((start, end) for start, end in windows))
    for start, end in ordered:
        if not 0 <= start < end <= SECONDS_PER_DAY:
            window = window_text(start, end)
            raise Refused(_("Opening hours begin before they end, within one day: {window} does not.", window=window))
    for earlier, later in pairwise(ordered):
        if later[0] < earlier[1]:
            first, second = window_text(*earlier), window_text(*later)
            raise Refused(_("{first} and {second} overlap: join them into one window.", first=first, second=second))
    return ordered


def window_text(start: int, end: int) -> str:
    return "-".join(f"{second // 3600:02}:{second % 3600 // 60:02}" for second in (start, end))


def _to_seconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"A moment needs its time zone; {at.isoformat()} has none.")
    return int(at.timestamp() // 1)


def _from_seconds(stamp: int) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


ALWAYS_OPEN = Calendar("UTC", (((0, SECONDS_PER_DAY),),) * _DAYS_PER_WEEK)
