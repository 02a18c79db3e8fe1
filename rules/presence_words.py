"""What somebody typed after `/desk away`: read by the clock of their own place, or asked back."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from rules.errors import DeskError
from rules.leave import LONGEST_REASON, LeaveKind, Span, check, kind_of
from rules.zones import first_reading, zone

WAYS = (
    "Write `/desk away until Friday`, `/desk away tomorrow`, `/desk away until 15:00`, "
    "`/desk away 2026-12-24..2027-01-02 family`, or `/desk away` alone for a form."
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNTIL = ("until", "till", "til", "to", "through")
_WEEK, _SHORT = 7, 3
_A_DAY = timedelta(days=1)
_SPANS = {"day": _A_DAY, "week": timedelta(days=_WEEK), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
_UNITS = {"d": "day", "w": "week", "h": "hour", "m": "minute", "min": "minute", "hr": "hour"}
_BETWEEN = re.compile(r"\s*(?:\.{2,}|…|–|—)\s*|(?<=:\d\d)\s*-\s*(?=\d)|\s+-\s+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?|(\d{1,2})(am|pm)", re.ASCII)
_LENGTH = re.compile(r"(\d{1,3})\s*([a-z]+?)s?", re.ASCII)
_NOON = 12


@dataclass(frozen=True, slots=True)
class _When:
    """A day, a time of it, or both, as far as they were named."""

    day: date | None = None
    at: time | None = None

    @property
    def is_named(self) -> bool:
        return self.day is not None or self.at is not None


@dataclass(slots=True)
class _Words:
    """The words that are still to be read, on which day, and by which clock."""

    left: list[str]
    today: date
    place: str

    @property
    def next(self) -> str:
        return self.left[0].casefold().rstrip(",;") if self.left else ""

    def take(self, many: int = 1) -> None:
        del self.left[:many]


def read_leave(text: str, now: datetime, place: str) -> Span:
    """The leave that the words say, or DeskError with a question where they do not say it.

    1. From when, where that is said: else from now. 2. Until when, the last day included. 3. Of which kind. What is
    left is the reason.
    """
    words = _Words(_BETWEEN.sub(" until ", text).split(), now.astimezone(zone(place)).date(), place)
    begins, ends = _ends(words, now, text)
    kind = kind_of(words.next) or LeaveKind.LEAVE
    if kind_of(words.next):
        words.take()
    _nothing_unread(words)
    span = Span(begins, ends, kind, " ".join(words.left)[:LONGEST_REASON])
    check(span, now, place)
    return span


def span_of_days(first: date, last: date, now: datetime, place: str, *, kind: LeaveKind, reason: str) -> Span:
    """The same from two days, as a form gives them."""
    begins = max(_begin_of(first, place), now) if first == now.astimezone(zone(place)).date() else None
    span = Span(begins or _begin_of(first, place), _begin_of(last + _A_DAY, place), kind, reason[:LONGEST_REASON])
    check(span, now, place)
    return span


def _ends(words: _Words, now: datetime, text: str) -> tuple[datetime, datetime | None]:
    if words.next == "from":
        words.take()
    if words.next == "now":
        words.take()
    if kind_of(words.next) and len(words.left) == 1:
        return now, None
    if words.next == "for":
        return now, now + _length(words, text) if _is_short(words) else _after_days(words, now, text)
    if words.next == "next":
        return _next_week(words)
    begun = _when(words)
    if words.next not in UNTIL:
        return _whole(begun, words, now, text)
    words.take()
    last = _when(words, since=begun.day)
    if not last.is_named:
        raise DeskError(f"Until when are you away? I cannot read `{text.strip()}`. {WAYS}")
    return _from(begun, words, now), _until(last, begun, words)


def _whole(begun: _When, words: _Words, now: datetime, text: str) -> tuple[datetime, datetime]:
    """One day alone is all of it, or its rest from the time that was named."""
    if not begun.is_named:
        raise DeskError(f"When are you away? I cannot read `{text.strip()}`. {WAYS}")
    return _from(begun, words, now), _until(replace(begun, at=None), begun, words)


def _from(begun: _When, words: _Words, now: datetime) -> datetime:
    """What of today has passed already is not part of it."""
    if not begun.is_named:
        return now
    day = begun.day or words.today
    at = _moment(day, begun.at or time(), words.place)
    return max(at, now) if day == words.today else at


def _until(last: _When, begun: _When, words: _Words) -> datetime:
    day = last.day or begun.day or words.today
    if last.at is not None:
        return _moment(day, last.at, words.place)
    return _begin_of(day + _A_DAY, words.place)


def _when(words: _Words, *, since: date | None = None) -> _When:
    """The day and the time that come next; each may be missing. A weekday is the first one from `since` on."""
    day = _day(words, since or words.today)
    at = _time(words)
    if day is None and at is not None:
        day = _day(words, since or words.today)
    return _When(day, at)


def _day(words: _Words, since: date) -> date | None:
    if words.next == "on":
        words.take()
    for read in (_named_day, _weekday, _written, _with_month):
        found = read(words, since)
        if found is not None:
            return found
    return None


def _named_day(words: _Words, since: date) -> date | None:
    ahead = {"today": 0, "tomorrow": 1}.get(words.next)
    if ahead is None:
        return None
    words.take()
    return words.today + timedelta(days=ahead)


def _weekday(words: _Words, since: date) -> date | None:
    """The next day of that name, `since` itself included."""
    _which_of_two(words)
    place = next((place for place, name in enumerate(DAYS) if words.next in (name, name[:_SHORT])), None)
    if place is None:
        return None
    words.take()
    return since + timedelta(days=(place - since.weekday()) % _WEEK)


def _which_of_two(words: _Words) -> None:
    """Next Monday is one of two days, and people do not agree on which."""
    if words.next != "next" or len(words.left) == 1:
        return
    name = words.left[1].casefold().rstrip(",;")
    if name in DAYS:
        first = words.today + timedelta(days=(DAYS.index(name) - words.today.weekday() - 1) % _WEEK + 1)
        raise DeskError(f"Which {name.capitalize()}: {first} or {first + timedelta(days=_WEEK)}? Write the date.")


def _written(words: _Words, since: date) -> date | None:
    """2026-12-24, 24.12.2026, or 24.12. of this year or the next."""
    if found := _ISO.fullmatch(words.next):
        return _taken(words, 1, int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(words.next):
        return _dated(words, 1, since, month=int(found[2]), day=int(found[1]), year=int(found[3] or 0))
    return None


def _with_month(words: _Words, since: date) -> date | None:
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


def _dated(words: _Words, many: int, since: date, *, month: int, day: int, year: int) -> date:
    """Without a year it is the next such day."""
    if year:
        return _taken(words, many, year, month, day)
    said = " ".join(words.left[:many])
    found = [made for one in (since.year, since.year + 1) if (made := _made(one, month, day)) and made >= since]
    if not found:
        raise DeskError(f"`{said}` is no day. Write it as 2026-12-24.")
    words.take(many)
    return found[0]


def _taken(words: _Words, many: int, year: int, month: int, day: int) -> date:
    made = _made(year, month, day)
    if made is None or abs(year - words.today.year) > _WEEK:
        raise DeskError(f"`{' '.join(words.left[:many])}` is no day that leave is for. Write it as 2026-12-24.")
    words.take(many)
    return made


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(words: _Words) -> time | None:
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


def _next_week(words: _Words) -> tuple[datetime, datetime]:
    """From its Monday to its Sunday."""
    _which_of_two(words)
    if [word.casefold() for word in words.left[:2]] != ["next", "week"]:
        raise DeskError(f"When are you away? I cannot read `{' '.join(words.left)}`. {WAYS}")
    words.take(2)
    monday = words.today + timedelta(days=_WEEK - words.today.weekday())
    return _begin_of(monday, words.place), _begin_of(monday + timedelta(days=_WEEK), words.place)


def _is_short(words: _Words) -> bool:
    """Whether it is said in hours or minutes, and not in days."""
    return any(unit in " ".join(words.left[1:3]).casefold() for unit in ("h", "min"))


def _length(words: _Words, text: str) -> timedelta:
    joined = "".join(words.left[1:3] if len(words.left[1:2]) and words.left[1].isdigit() else words.left[1:2])
    found = _LENGTH.fullmatch(joined.casefold().rstrip(",;"))
    unit = _UNITS.get(found[2], found[2]) if found else ""
    if found is None or unit not in _SPANS or not int(found[1]):
        raise DeskError(f"For how long are you away? I cannot read `{text.strip()}`. {WAYS}")
    words.take(3 if words.left[1].isdigit() else 2)
    return int(found[1]) * _SPANS[unit]


def _after_days(words: _Words, now: datetime, text: str) -> datetime:
    """The day on which it begins is the first of them."""
    return _begin_of(words.today + _length(words, text), words.place)


def _nothing_unread(words: _Words) -> None:
    """A day in what would be the reason was meant as a day: better asked than kept as words."""
    readers: Sequence[Callable[[_Words, date], date | None]] = (_named_day, _written, _with_month)
    for place, word in enumerate(words.left):
        rest = _Words(words.left[place:], words.today, words.place)
        is_day = word.casefold().strip(",;") in (*DAYS, *UNTIL[:2]) or any(read(rest, words.today) for read in readers)
        if is_day:
            raise DeskError(f"I did not understand `{' '.join(words.left[place:])}`. {WAYS}")


def _begin_of(day: date, place: str) -> datetime:
    return _moment(day, time(), place)


def _moment(day: date, at: time, place: str) -> datetime:
    return datetime.fromtimestamp(first_reading(place, day, at), UTC)
