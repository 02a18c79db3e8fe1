"""Leave as typed after `/desk away`, read by the person's local clock."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendars import parsing
from rules.calendars.parsing import DAYS_PER_WEEK, UNTIL_WORDS, DayAndTime, WordReader, local_moment, start_of_day
from rules.calendars.timezones import local_date
from rules.errors import Refused
from rules.presence.leave import MAX_REASON_LENGTH, LeaveKind, LeavePeriod, check_leave, leave_kind_named
from rules.text import Code, Text, _, join_texts

LEAVE_COMMAND_HELP = _(
    "Write {until}, {day}, {hours}, {dates}, or {form} alone for a form.",
    until=Code("/desk away until Friday"),
    day=Code("/desk away tomorrow"),
    hours=Code("/desk away tomorrow 12-16"),
    dates=Code("/desk away 2026-12-24..2027-01-02 family"),
    form=Code("/desk away"),
)
_WHEN, _UNTIL_WHEN, _HOW_LONG, _WHICH_HOURS = (
    _("When are you away?"),
    _("Until when are you away?"),
    _("For how long are you away?"),
    _("From when until when are you away?"),
)
PARTS_OF_DAY = {"morning": (time(), time(12)), "afternoon": (time(12), None), "evening": (time(17), None)}
UNREAD_PARTS_OF_DAY = (*PARTS_OF_DAY, "noon", "midday", "half", "half-day")
DATE_WORDS = 3  # as in 24 December 2027
HOUR_WORDS = ("from", "at", "after", "before", "around")
_A_DAY = timedelta(days=1)
_UNIT_LENGTHS = {
    "day": _A_DAY,
    "week": timedelta(days=DAYS_PER_WEEK),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
}
_UNIT_ABBREVIATIONS = {"d": "day", "w": "week", "h": "hour", "m": "minute", "min": "minute", "hr": "hour"}
_LENGTH_PATTERN = re.compile(r"(\d{1,3})\s*([a-z]+?)s?", re.ASCII)


def parse_leave(text: str, now: datetime, timezone: str) -> LeavePeriod:
    """Refused asks for the part that is missing.

    1. The start, where one is given: else now. 2. The end, its day included. 3. The kind. The remaining words are the
    reason.
    """
    words = WordReader(parsing.spell_out_ranges(text).split(), local_date(now, timezone), timezone)
    begins, ends = _parse_period(words, now, text)
    kind = leave_kind_named(words.next_word) or LeaveKind.LEAVE
    if leave_kind_named(words.next_word):
        words.skip()
    _refuse_unread_day(words)
    _refuse_unread_hour(words)
    span = LeavePeriod(begins, ends, kind, " ".join(words.remaining)[:MAX_REASON_LENGTH])
    check_leave(span, now, timezone)
    return span


def leave_from_days(
    first: date, last: date, now: datetime, timezone: str, *, kind: LeaveKind, reason: str
) -> LeavePeriod:
    begins = max(start_of_day(first, timezone), now) if first == local_date(now, timezone) else None
    span = LeavePeriod(
        begins or start_of_day(first, timezone), start_of_day(last + _A_DAY, timezone), kind, reason[:MAX_REASON_LENGTH]
    )
    check_leave(span, now, timezone)
    return span


def _parse_period(reader: WordReader, now: datetime, text: str) -> tuple[datetime, datetime | None]:
    _skip_words(reader, "from", "now")
    if leave_kind_named(reader.next_word) and len(reader.remaining) == 1:
        return now, None
    if reader.next_word == "for":
        return now, now + _parse_length(reader, text) if _is_hours_or_minutes(reader) else _end_after_days(reader, text)
    if reader.next_word == "next":
        return _parse_next_week(reader)
    begun = parsing.starting(parsing.parse_day_and_time(reader), reader)
    if begun.day is not None and begun.at is None and reader.next_word in PARTS_OF_DAY:
        return _part_of_day(begun.day, reader, now)
    if reader.next_word not in UNTIL_WORDS:
        return _whole_day(begun, reader, now, text)
    reader.skip()
    last = parsing.parse_day_and_time(reader, since=begun.day)
    if not last.is_given:
        raise _not_understood(text, _UNTIL_WHEN)
    return _period_start(begun, reader, now), _period_end(last, begun, reader)


def _skip_words(reader: WordReader, *words: str) -> None:
    for word in words:
        if reader.next_word == word:
            reader.skip()


def _whole_day(begun: DayAndTime, reader: WordReader, now: datetime, text: str) -> tuple[datetime, datetime]:
    if not begun.is_given:
        raise _not_understood(text, _WHEN)
    return _period_start(begun, reader, now), _period_end(replace(begun, at=None), begun, reader)


def _part_of_day(day: date, reader: WordReader, now: datetime) -> tuple[datetime, datetime]:
    begins, ends = PARTS_OF_DAY[reader.next_word]
    reader.skip()
    return _period_start(DayAndTime(day, begins), reader, now), _period_end(DayAndTime(day, ends), DayAndTime(), reader)


def _period_start(begun: DayAndTime, reader: WordReader, now: datetime) -> datetime:
    if not begun.is_given:
        return now
    day = begun.day or reader.today
    at = local_moment(day, begun.at or time(), reader.timezone)
    return max(at, now) if day == reader.today else at


def _period_end(last: DayAndTime, begun: DayAndTime, reader: WordReader) -> datetime:
    day = last.day or begun.day or reader.today
    if last.at is not None:
        if last.is_end_of_day:
            return start_of_day(day + _A_DAY, reader.timezone)
        if last.day is None and last.at == begun.at:
            times = Code(f"{begun.at:%H:%M}-{last.at:%H:%M}")
            raise Refused(_("{times} is no length of time. {help}", times=times, help=LEAVE_COMMAND_HELP))
        is_next_day = last.day is None and last.at <= (begun.at or time())
        return local_moment(day + _A_DAY if is_next_day else day, last.at, reader.timezone)
    return start_of_day(day + _A_DAY, reader.timezone)


def _parse_next_week(reader: WordReader) -> tuple[datetime, datetime]:
    parsing.refuse_next_weekday(reader)
    if [word.casefold() for word in reader.remaining[:2]] != ["next", "week"]:
        raise _not_understood(" ".join(reader.remaining), _WHEN)
    reader.skip(2)
    monday = reader.today + timedelta(days=DAYS_PER_WEEK - reader.today.weekday())
    return start_of_day(monday, reader.timezone), start_of_day(monday + timedelta(days=DAYS_PER_WEEK), reader.timezone)


def _is_hours_or_minutes(reader: WordReader) -> bool:
    return any(unit in " ".join(reader.remaining[1:3]).casefold() for unit in ("h", "min"))


def _parse_length(reader: WordReader, text: str) -> timedelta:
    count = 2 if "".join(reader.remaining[1:2]).isdigit() else 1
    match = _LENGTH_PATTERN.fullmatch("".join(reader.remaining[1 : 1 + count]).casefold().rstrip(",;"))
    unit = _UNIT_ABBREVIATIONS.get(match[2], match[2]) if match else ""
    if match is None or unit not in _UNIT_LENGTHS or not int(match[1]):
        raise _not_understood(text, _HOW_LONG)
    reader.skip(1 + count)
    return int(match[1]) * _UNIT_LENGTHS[unit]


def _end_after_days(reader: WordReader, text: str) -> datetime:
    return start_of_day(reader.today + _parse_length(reader, text), reader.timezone)


def _refuse_unread_hour(reader: WordReader) -> None:
    """An hour in the reason was meant as one: a question is better than a whole day of leave."""
    words = [word.casefold().strip(",;.") for word in reader.remaining]
    is_hour_first = bool(words) and (words[0] in HOUR_WORDS or words[0].isdigit())
    if is_hour_first or any(word in UNREAD_PARTS_OF_DAY or parsing.is_time_of_day(word) for word in words):
        raise _not_understood(" ".join(reader.remaining), _WHICH_HOURS)


def _refuse_unread_day(reader: WordReader) -> None:
    """A day in the reason was meant as a day: a question is better than a wrong leave."""
    parsers = (parsing.parse_named_day, parsing.parse_numeric_date, parsing.parse_month_date)
    for index, word in enumerate(reader.remaining):
        rest = WordReader(reader.remaining[index : index + DATE_WORDS], reader.today, reader.timezone)
        is_named = word.casefold().strip(",;") in (*parsing.WEEKDAYS, *UNTIL_WORDS[:2])
        if is_named or any(parse(rest, reader.today) for parse in parsers):
            unread = Code(" ".join(reader.remaining[index:]))
            raise Refused(_("I did not understand {text}. {help}", text=unread, help=LEAVE_COMMAND_HELP))


def _not_understood(text: str, question: Text) -> Refused:
    if not text.strip():
        return Refused(join_texts([question, LEAVE_COMMAND_HELP]))
    typed = Code(text.strip())
    return Refused(
        _("{question} I did not understand {text}. {help}", question=question, text=typed, help=LEAVE_COMMAND_HELP)
    )
