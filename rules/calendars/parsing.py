"""Days and times as people write them, read by the local clock of a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules.calendars.timezones import first_moment_showing
from rules.errors import Refused
from rules.text import Code, Day, _

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNTIL = " until "
UNTIL_WORDS = ("until", "till", "til", "to", "through")
DAYS_PER_WEEK, _ABBREVIATION_LENGTH = 7, 3
RANGE_SEPARATOR = re.compile(r"\s*(?:\.{2,}|…|–|—)\s*|(?<=:\d\d)\s*-\s*(?=\d)|\s+-\s+")
_MONTH = rf"(?:{'|'.join(MONTHS)})"
# 9-12, or "from 9 to 12", unless a month says that they are days.
_HOURS = re.compile(
    rf"(?<!\S)(?:(?:from\s+)?(\d{{1,2}})\s+(?:to|until|till)\s+(\d{{1,2}})|(\d{{1,2}})-(\d{{1,2}}))(?=[,;]?(?:\s|$))(?!\s+{_MONTH})",
    re.ASCII | re.IGNORECASE,
)
_AFTER_MONTH = re.compile(rf"{_MONTH}[a-z]*\s+$", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", re.ASCII)
_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(am|pm)?|(\d{1,2})(am|pm)", re.ASCII)
_UNREAD_HOURS = re.compile(r"\d{1,2}h|\d{1,2}h?-\d{1,2}h?", re.ASCII)
_END_OF_DAY = ("24:00", "midnight")
_NOON, HOURS_PER_DAY = 12, 24


@dataclass(frozen=True, slots=True)
class DayAndTime:
    """A day, a time of day, or both, as far as they are given."""

    day: date | None = None
    at: time | None = None
    is_end_of_day: bool = False  # 24:00, or midnight: the one that ends the day

    @property
    def is_given(self) -> bool:
        return self.day is not None or self.at is not None


@dataclass(slots=True)
class WordReader:
    """The words still to be read, with today's date and the time zone."""

    remaining: list[str]
    today: date
    timezone: str

    @property
    def next_word(self) -> str:
        return self.remaining[0].casefold().rstrip(",;") if self.remaining else ""

    def skip(self, count: int = 1) -> None:
        del self.remaining[:count]


def spell_out_ranges(text: str) -> str:
    """Ranges as words: 9-12 and "from 9 to 12" as hours of the day, "…", ".." and dashes as "until"."""

    def spell_out(match: re.Match[str]) -> str:
        first, last = match[1] or match[3], match[2] or match[4]
        is_hours = int(first) <= HOURS_PER_DAY and int(last) <= HOURS_PER_DAY
        is_days = not is_hours or _AFTER_MONTH.search(text[max(0, match.start() - 20) : match.start()])
        return match[0] if is_days else UNTIL.join((f"{first}:00", f"{last}:00"))

    text = " ".join(text.split())
    return RANGE_SEPARATOR.sub(UNTIL, _HOURS.sub(spell_out, text))


def parse_day_and_time(reader: WordReader, *, since: date | None = None) -> DayAndTime:
    """Reads the day and the time that come next; each may be missing. A weekday is the first one from `since` on."""
    day = _parse_day(reader, since or reader.today)
    is_end_of_day = _skip_end_of_day(reader)
    at = time() if is_end_of_day else _parse_time(reader)
    if day is None and at is not None:
        day = _parse_day(reader, since or reader.today)
    return DayAndTime(day, at, is_end_of_day)


def starting(given: DayAndTime, reader: WordReader) -> DayAndTime:
    """What begins at the end of a day begins with the next one."""
    return DayAndTime((given.day or reader.today) + timedelta(days=1), time()) if given.is_end_of_day else given


def _parse_day(reader: WordReader, since: date) -> date | None:
    if reader.next_word == "on":
        reader.skip()
    parsers = (parse_named_day, _parse_weekday, parse_numeric_date, parse_month_date)
    return next(filter(None, (parse(reader, since) for parse in parsers)), None)


def parse_named_day(reader: WordReader, since: date) -> date | None:
    days_ahead = {"today": 0, "tomorrow": 1}.get(reader.next_word)
    if days_ahead is None:
        return None
    reader.skip()
    return reader.today + timedelta(days=days_ahead)


def _parse_weekday(reader: WordReader, since: date) -> date | None:
    refuse_next_weekday(reader)
    days = [number for number, name in enumerate(WEEKDAYS) if reader.next_word in (name, name[:_ABBREVIATION_LENGTH])]
    if not days:
        return None
    reader.skip()
    return since + timedelta(days=(days[0] - since.weekday()) % DAYS_PER_WEEK)


def refuse_next_weekday(reader: WordReader) -> None:
    """Refuses "next Monday": people do not agree on which of two days it is."""
    if reader.next_word != "next" or len(reader.remaining) == 1:
        return
    name = reader.remaining[1].casefold().rstrip(",;")
    if name in WEEKDAYS:
        first = reader.today + timedelta(days=(WEEKDAYS.index(name) - reader.today.weekday() - 1) % DAYS_PER_WEEK + 1)
        second = Day(first + timedelta(days=DAYS_PER_WEEK))
        raise Refused(
            _(
                "Which {weekday}: {first} or {second}? Write the date, as 2026-12-24.",
                weekday=name.capitalize(),
                first=Day(first),
                second=second,
            )
        )


def parse_numeric_date(reader: WordReader, since: date) -> date | None:
    """2026-12-24, 24.12.2026, or 24.12. of this year or the next."""
    if match := _ISO.fullmatch(reader.next_word):
        return _take_full_date(reader, 1, int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.fullmatch(reader.next_word):
        return _take_date(reader, 1, since, month=int(match[2]), day=int(match[1]), year=int(match[3] or 0))
    return None


def parse_month_date(reader: WordReader, since: date) -> date | None:
    """24 Dec, Dec 24, 24 December 2027."""
    two = [word.casefold().strip(",;") for word in reader.remaining[:2]]
    for month, day in (two[::-1], two) if len(two) == 2 else ():  # noqa: PLR2004 - the two words themselves
        number = _NUMBER.fullmatch(day)
        if number and len(month) >= _ABBREVIATION_LENGTH and month[:_ABBREVIATION_LENGTH] in MONTHS and month.isalpha():
            year = reader.remaining[2].strip(",;") if len(reader.remaining) > 2 else ""  # noqa: PLR2004
            named = int(year) if _YEAR.fullmatch(year) else 0
            of = MONTHS.index(month[:_ABBREVIATION_LENGTH]) + 1
            return _take_date(reader, 3 if named else 2, since, month=of, day=int(number[1]), year=named)
    return None


def _take_date(reader: WordReader, count: int, since: date, *, month: int, day: int, year: int) -> date:
    if year:
        return _take_full_date(reader, count, year, month, day)
    text = " ".join(reader.remaining[:count])
    days = [found for one in (since.year, since.year + 1) if (found := _valid_date(one, month, day)) and found >= since]
    if not days:
        raise Refused(_("{text} is not a date. Write it as 2026-12-24.", text=Code(text)))
    reader.skip(count)
    return days[0]


def _take_full_date(reader: WordReader, count: int, year: int, month: int, day: int) -> date:
    taken = _valid_date(year, month, day)
    if taken is None or abs(year - reader.today.year) > DAYS_PER_WEEK:
        typed = Code(" ".join(reader.remaining[:count]))
        raise Refused(_("{text} is not a date that can be entered. Write it as 2026-12-24.", text=typed))
    reader.skip(count)
    return taken


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _skip_end_of_day(reader: WordReader) -> bool:
    words = [word.casefold().rstrip(",;") for word in reader.remaining[:2]]
    count = 2 if words[:1] == ["at"] else 1
    is_given = words[count - 1 : count] in [[word] for word in _END_OF_DAY]
    reader.skip(count if is_given else 0)
    return is_given


def _parse_time(reader: WordReader) -> time | None:
    if reader.next_word == "at":
        reader.skip()
    match = _CLOCK.fullmatch(reader.next_word)
    if match is None:
        return None
    hour, minute, half = int(match[1] or match[4]), int(match[2] or 0), match[3] or match[5]
    if half and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    try:
        at = time(hour, minute)
    except ValueError:
        typed = Code(reader.remaining[0])
        raise Refused(_("{text} is not a time of day. Write it as 15:00.", text=typed)) from None
    reader.skip()
    return at


def is_time_of_day(word: str) -> bool:
    """Also hours as they are not read: 9h, 9-12h."""
    return bool(_CLOCK.fullmatch(word) or _UNREAD_HOURS.fullmatch(word))


def start_of_day(day: date, timezone: str) -> datetime:
    return local_moment(day, time(), timezone)


def local_moment(day: date, at: time, timezone: str) -> datetime:
    return datetime.fromtimestamp(first_moment_showing(timezone, day, at), UTC)
