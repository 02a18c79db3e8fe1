"""What happened to a clock, a sentence for each line of its explanation."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from handlers.cards.blocks import line, moment
from rules.durations import parse_duration
from rules.explanations import Again, Explanation, Line, More, Move, Over, Pause, Untold
from rules.opening_days import Days, Kind, Shift
from rules.zones import zone

SAID = 160
_HOUR, _MINUTE, _FRIDAY = 3600, 60, 4


def said(told: Explanation, one: Line, *, inside: bool) -> str:
    """One line; why somebody gave more time is for the team alone."""
    if isinstance(one, Days):
        return _numbered(one) if told.in_days else _counted(one)
    if isinstance(one, Shift):
        return _shifted(one, told.zone)
    if isinstance(one, More):
        return _more(one, inside=inside)
    speak: dict[type[Any], Callable[[Any], str]] = {
        Pause: _paused,
        Over: _over,
        Move: _moved,
        Again: _again,
        Untold: _untold,
    }
    return speak[type(one)](one)


def span(seconds: int) -> str:
    """A length of time to the second, so that what is read adds up; never in days, which would be days of 24 hours."""
    hours, rest = divmod(abs(seconds), _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 min"


def promise_words(promise: str) -> str:
    """What was promised, as it is said."""
    if not promise:
        return "an unknown time"
    duration = parse_duration(promise)
    if duration.days:
        return f"{duration.days} working day{'s' if duration.days > 1 else ''}"
    return span(duration.seconds)


def days_words(first: date, last: date) -> str:
    """Tue 6 Oct; Tue 6 to Thu 8 Oct; the month twice where there are two."""
    if first == last:
        return f"{first:%a} {first.day} {first:%b}"
    joint = "and" if last - first == timedelta(days=1) else "to"
    month = "" if (first.month, first.year) == (last.month, last.year) else f" {first:%b}"
    return f"{first:%a} {first.day}{month} {joint} {last:%a} {last.day} {last:%b}"


def _counted(days: Days) -> str:
    when = days_words(days.first, days.last)
    if days.kind is Kind.MANY:
        return f"{when} · {_many(days)}, {span(days.seconds)}{_without(days)}"
    if not days.windows:
        return f"{when} · {_off(days)}"
    extra = " (extra open day)" if days.kind is Kind.EXTRA else ""
    each = f"{span(days.seconds // days.count)} each, " if days.count > 1 else ""
    return f"{when}{extra}  {_windows(days)} · {each}{span(days.seconds)}"


def _numbered(days: Days) -> str:
    when = days_words(days.first, days.last)
    if not days.number and days.windows:
        return f"{when} · counting begins at {_reading(days.windows[0][0])}"
    if not days.number:
        return f"{when} · {_many(days) if days.kind is Kind.MANY else _off(days)}"
    last = days.number + days.count - 1
    joint = "and" if days.count == 2 else "to"  # noqa: PLR2004 - two
    which = f"day {last}" if last == days.number else f"days {days.number} {joint} {last}"
    return f"{when} · {which}{_without(days)}"


def _many(days: Days) -> str:
    return f"{days.count} open day{'' if days.count == 1 else 's'}"


def _without(days: Days) -> str:
    return f" (without {line(days.name, 400)})" if days.kind is Kind.MANY and days.name else ""


def _off(days: Days) -> str:
    """Why nothing counted."""
    if days.kind is Kind.HOLIDAY:
        return line(days.name, SAID)
    if days.kind is Kind.CLOSED:
        return "closed"
    if days.kind is Kind.OVER:
        return "after hours"
    return "weekend" if days.first.weekday() > _FRIDAY else "never open on that day of the week"


def _windows(days: Days) -> str:
    return ", ".join(f"{_reading(opens)}-{_reading(closes, ends=days.first)}" for opens, closes in days.windows)


def _reading(at: datetime, *, ends: date | None = None) -> str:
    """What the clock on the wall shows; a window that ends with its day ends at 24:00."""
    if ends is not None and at.date() > ends and not (at.hour or at.minute or at.second):
        return "24:00"
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _shifted(shift: Shift, name: str) -> str:
    before = (shift.at - timedelta(seconds=1)).astimezone(zone(name)).replace(tzinfo=None) + timedelta(seconds=1)
    way = "back" if shift.seconds < 0 else "forward"
    when = f"{days_words(before.date(), before.date())} {before:%H:%M}"
    return f"{when} · the clocks go {way} by {span(shift.seconds)}"


def _paused(pause: Pause) -> str:
    why = line(pause.why, SAID)
    if pause.until is None:
        return f"⏸ Paused since {moment(pause.at)}: {why}"
    return f"⏸ Paused from {moment(pause.at)} to {moment(pause.until)}: {why}"


def _over(over: Over) -> str:
    since = f"from {moment(over.since)} " if over.since else ""
    then = "which counts as used" if over.counts else "which is not held against anybody"
    return f"⚠️ Overdue {since}until {moment(over.until)}: {span(over.seconds)}, {then}"


def _moved(move: Move) -> str:
    why = f" ({line(move.why, SAID)})" if move.why else ""
    hours = " by other opening hours" if move.calendar != move.was_in else ""
    now = f"now {promise_words(move.promise)}{hours}"
    return f"↪ Promised anew {moment(move.at)}{why}: {now}; {span(move.used_s)} used, {left_words(move.left_s)}"


def _more(more: More, *, inside: bool) -> str:
    why = f" ({line(more.why, SAID)})" if inside and more.why else ""
    return f"＋ Extended {moment(more.at)} by {span(more.seconds)}{why}; {left_words(more.left_s)}"


def _again(again: Again) -> str:
    return f"↩ Reopened {moment(again.at)}, {left_words(again.left_s)}"


def _untold(untold: Untold) -> str:
    when = f"{moment(untold.begins, opens=True)} to {moment(untold.ends)}"
    if untold.seconds is None:
        return f"{when} · how this was counted is not known"
    return f"{when} · {span(untold.seconds)}, by the opening hours of then"


def left_words(left_s: int) -> str:
    return f"{span(left_s)} left" if left_s >= 0 else "overdue already"
