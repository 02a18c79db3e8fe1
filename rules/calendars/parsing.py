"""A day, a time of it, or both, as people write them: read by the clock of their own place, or asked back."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules.calendars.timezones import first_reading
from rules.errors import DeskError

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNTIL = ("until", "till", "til", "to", "through")
WEEK, _SHORT = 7, 3
BETWEEN = re.compile(r"\s*(?:\.{2,}|…|–|—)\s*|(?<=:\d\d)\s*-\s*(?=\d)|\s+-\s+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?|(\d{1,2})(am|pm)", re.ASCII)
_NOON = 12


@dataclass(frozen=True, slots=True)
class When:
    """A day, a time of it, or both, as far as they were named."""

    day: date | None = None
    at: time | None = None

    @property
    def is_named(self) -> bool:
        return self.day is not None or self.at is not None


@dataclass(slots=True)
class Words:
    """The words that are still to be read, on which day, and by which clock."""

    left: list[str]
    today: date
    place: str

    @property
    def next(self) -> str:
        return self.left[0].casefold().rstrip(",;") if self.left else ""

    def take(self, many: int = 1) -> None:
        del self.left[:many]


def when(words: Words, *, since: date | None = None) -> When:
    """The day and the time that come next; each may be missing. A weekday is the first one from `since` on."""
    day = _day(words, since or words.today)
    at = _time(words)
    if day is None and at is not None:
        day = _day(words, since or words.today)
    return When(day, at)


def _day(words: Words, since: date) -> date | None:
    if words.next == "on":
        words.take()
    for read in (named_day, _weekday, written, with_month):
        found = read(words, since)
        if found is not None:
            return found
    return None


def named_day(words: Words, since: date) -> date | None:
    ahead = {"today": 0, "tomorrow": 1}.get(words.next)
    if ahead is None:
        return None
    words.take()
    return words.today + timedelta(days=ahead)


def _weekday(words: Words, since: date) -> date | None:
    """The next day of that name, `since` itself included."""
    which_of_two(words)
    place = next((place for place, name in enumerate(DAYS) if words.next in (name, name[:_SHORT])), None)
    if place is None:
        return None
    words.take()
    return since + timedelta(days=(place - since.weekday()) % WEEK)


def which_of_two(words: Words) -> None:
    """Next Monday is one of two days, and people do not agree on which."""
    if words.next != "next" or len(words.left) == 1:
        return
    name = words.left[1].casefold().rstrip(",;")
    if name in DAYS:
        first = words.today + timedelta(days=(DAYS.index(name) - words.today.weekday() - 1) % WEEK + 1)
        raise DeskError(f"Which {name.capitalize()}: {first} or {first + timedelta(days=WEEK)}? Write the date.")


def written(words: Words, since: date) -> date | None:
    """2026-12-24, 24.12.2026, or 24.12. of this year or the next."""
    if found := _ISO.fullmatch(words.next):
        return _taken(words, 1, int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(words.next):
        return _dated(words, 1, since, month=int(found[2]), day=int(found[1]), year=int(found[3] or 0))
    return None


def with_month(words: Words, since: date) -> date | None:
    """24 Dec, Dec 24, 24 December 2027."""
    two = [word.casefold().strip(",;") for word in words.left[:2]]
    for month, day in (two[::-1], two) if len(two) == 2 else ():  # noqa: PLR2004 - the two words themselves
        number = _NUMBER.fullmatch(day)
        if number and len(month) >= _SHORT and month[:_SHORT] in MONTHS and month.isalpha():
            year = words.left[2].strip(",;") if len(words.left) > 2 else ""  # noqa: PLR2004
            named = int(year) if _YEAR.fullmatch(year) else 0
            of = MONTHS.index(month[:_SHORT]) + 1
            return _dated(words, 3 if named else 2, since, month=of, day=int(number[1]), year=named)
    return None


def _dated(words: Words, many: int, since: date, *, month: int, day: int, year: int) -> date:
    """Without a year it is the next such day."""
    if year:
        return _taken(words, many, year, month, day)
    said = " ".join(words.left[:many])
    found = [made for one in (since.year, since.year + 1) if (made := _made(one, month, day)) and made >= since]
    if not found:
        raise DeskError(f"`{said}` is no day. Write it as 2026-12-24.")
    words.take(many)
    return found[0]


def _taken(words: Words, many: int, year: int, month: int, day: int) -> date:
    made = _made(year, month, day)
    if made is None or abs(year - words.today.year) > WEEK:
        raise DeskError(f"`{' '.join(words.left[:many])}` is no day that can be entered. Write it as 2026-12-24.")
    words.take(many)
    return made


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(words: Words) -> time | None:
    if words.next == "at":
        words.take()
    found = _CLOCK.fullmatch(words.next)
    if found is None:
        return None
    hour, minute, half = int(found[1] or found[4]), int(found[2] or 0), found[3] or found[5]
    if half and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        made = time(hour, minute)
    except ValueError:
        raise DeskError(f"`{words.left[0]}` is no time of day. Write it as 15:00.") from None
    words.take()
    return made


def begin_of(day: date, place: str) -> datetime:
    return moment(day, time(), place)


def moment(day: date, at: time, place: str) -> datetime:
    return datetime.fromtimestamp(first_reading(place, day, at), UTC)
