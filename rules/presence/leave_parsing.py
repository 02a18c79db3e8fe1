"""What somebody typed after `/desk away`: read by the clock of their own place, or asked back."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rules.calendars.parsing import (
    BETWEEN,
    DAYS,
    UNTIL,
    WEEK,
    When,
    Words,
    begin_of,
    moment,
    named_day,
    when,
    which_of_two,
    with_month,
    written,
)
from rules.calendars.timezones import zone
from rules.errors import DeskError
from rules.presence.leave import LONGEST_REASON, LeaveKind, Span, check, kind_of

WAYS = (
    "Write `/desk away until Friday`, `/desk away tomorrow`, `/desk away until 15:00`, "
    "`/desk away 2026-12-24..2027-01-02 family`, or `/desk away` alone for a form."
)
_A_DAY = timedelta(days=1)
_SPANS = {"day": _A_DAY, "week": timedelta(days=WEEK), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
_UNITS = {"d": "day", "w": "week", "h": "hour", "m": "minute", "min": "minute", "hr": "hour"}
_LENGTH = re.compile(r"(\d{1,3})\s*([a-z]+?)s?", re.ASCII)


def read_leave(text: str, now: datetime, place: str) -> Span:
    """The leave that the words say, or DeskError with a question where they do not say it.

    1. From when, where that is said: else from now. 2. Until when, the last day included. 3. Of which kind. What is
    left is the reason.
    """
    words = Words(BETWEEN.sub(" until ", text).split(), now.astimezone(zone(place)).date(), place)
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
    begins = max(begin_of(first, place), now) if first == now.astimezone(zone(place)).date() else None
    span = Span(begins or begin_of(first, place), begin_of(last + _A_DAY, place), kind, reason[:LONGEST_REASON])
    check(span, now, place)
    return span


def _ends(words: Words, now: datetime, text: str) -> tuple[datetime, datetime | None]:
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
    begun = when(words)
    if words.next not in UNTIL:
        return _whole(begun, words, now, text)
    words.take()
    last = when(words, since=begun.day)
    if not last.is_named:
        raise DeskError(f"Until when are you away? I cannot read `{text.strip()}`. {WAYS}")
    return _from(begun, words, now), _until(last, begun, words)


def _whole(begun: When, words: Words, now: datetime, text: str) -> tuple[datetime, datetime]:
    """One day alone is all of it, or its rest from the time that was named."""
    if not begun.is_named:
        raise DeskError(f"When are you away? I cannot read `{text.strip()}`. {WAYS}")
    return _from(begun, words, now), _until(replace(begun, at=None), begun, words)


def _from(begun: When, words: Words, now: datetime) -> datetime:
    """What of today has passed already is not part of it."""
    if not begun.is_named:
        return now
    day = begun.day or words.today
    at = moment(day, begun.at or time(), words.place)
    return max(at, now) if day == words.today else at


def _until(last: When, begun: When, words: Words) -> datetime:
    day = last.day or begun.day or words.today
    if last.at is not None:
        return moment(day, last.at, words.place)
    return begin_of(day + _A_DAY, words.place)


def _next_week(words: Words) -> tuple[datetime, datetime]:
    """From its Monday to its Sunday."""
    which_of_two(words)
    if [word.casefold() for word in words.left[:2]] != ["next", "week"]:
        raise DeskError(f"When are you away? I cannot read `{' '.join(words.left)}`. {WAYS}")
    words.take(2)
    monday = words.today + timedelta(days=WEEK - words.today.weekday())
    return begin_of(monday, words.place), begin_of(monday + timedelta(days=WEEK), words.place)


def _is_short(words: Words) -> bool:
    """Whether it is said in hours or minutes, and not in days."""
    return any(unit in " ".join(words.left[1:3]).casefold() for unit in ("h", "min"))


def _length(words: Words, text: str) -> timedelta:
    joined = "".join(words.left[1:3] if len(words.left[1:2]) and words.left[1].isdigit() else words.left[1:2])
    found = _LENGTH.fullmatch(joined.casefold().rstrip(",;"))
    unit = _UNITS.get(found[2], found[2]) if found else ""
    if found is None or unit not in _SPANS or not int(found[1]):
        raise DeskError(f"For how long are you away? I cannot read `{text.strip()}`. {WAYS}")
    words.take(3 if words.left[1].isdigit() else 2)
    return int(found[1]) * _SPANS[unit]


def _after_days(words: Words, now: datetime, text: str) -> datetime:
    """The day on which it begins is the first of them."""
    return begin_of(words.today + _length(words, text), words.place)


def _nothing_unread(words: Words) -> None:
    """A day in what would be the reason was meant as a day: better asked than kept as words."""
    readers: Sequence[Callable[[Words, date], date | None]] = (named_day, written, with_month)
    for place, word in enumerate(words.left):
        rest = Words(words.left[place:], words.today, words.place)
        is_day = word.casefold().strip(",;") in (*DAYS, *UNTIL[:2]) or any(read(rest, words.today) for read in readers)
        if is_day:
            raise DeskError(f"I did not understand `{' '.join(words.left[place:])}`. {WAYS}")
