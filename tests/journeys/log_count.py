"""Every incident's time to resolve, counted by hand: csv, zoneinfo and plain Python alone.

The calendar is walked minute by minute, and nothing of Baton takes part in it.
"""

import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from tests.journeys.test_real_log import DONE, LOG, WAITING, moment

HOLIDAYS = {
    date.fromisoformat(day)
    for day in (
        *("2016-03-27", "2016-03-28", "2016-05-01", "2016-05-03", "2016-05-15", "2016-05-26", "2016-08-15"),
        *("2016-11-01", "2016-11-11", "2016-12-25", "2016-12-26", "2017-01-01", "2017-01-06", "2017-04-16"),
    )
}
SHIFTS = (range(8 * 60, 12 * 60), range(12 * 60 + 30, 16 * 60 + 30))
HOURS = {"1 - Critical": 4, "2 - High": 8, "3 - Moderate": 24}
DAYS = {"4 - Low": 5}
FIRST, LAST = datetime(2016, 2, 1, tzinfo=UTC), datetime(2017, 4, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Calendar:
    """Minutes numbered from FIRST: `passed[n]` of them were open before the one numbered n."""

    def __init__(self, zone: str, *, is_office: bool) -> None:
        there = ZoneInfo(zone)
        self.local = [(FIRST + MINUTE * step).astimezone(there) for step in range((LAST - FIRST) // MINUTE)]
        days = {day for day in {at.date() for at in self.local} if day.weekday() < 5 and day not in HOLIDAYS}
        self.is_open = [not is_office or (at.date() in days and self._works(at)) for at in self.local]
        self.working_days = sorted(days if is_office else {at.date() for at in self.local})
        self.passed = [0, *accumulate(self.is_open)]

    def _works(self, at: datetime) -> bool:
        return any(at.hour * 60 + at.minute in shift for shift in SHIFTS)

    def on(self, minute: int, length: int) -> int:
        """The first minute by which so many open ones have passed."""
        return bisect_left(self.passed, self.passed[minute] + length) if length else minute

    def back(self, minute: int, length: int) -> int:
        """The last minute from which so many open ones pass."""
        return bisect_right(self.passed, self.passed[minute] - length) - 1

    def between(self, start: int, end: int) -> int:
        """Open minutes; below zero where the end is before the start."""
        return self.passed[end] - self.passed[start]

    def days_on(self, minute: int, days: int) -> int:
        """The same time of day so many working days later, once the office opens."""
        opens = self.local[self.is_open.index(True, minute)]
        day = self.working_days[self.working_days.index(opens.date()) + days]
        there = opens.replace(year=day.year, month=day.month, day=day.day)
        return self.is_open.index(True, number(there))

    def due(self, minute: int, priority: str) -> int:
        days = DAYS.get(priority)
        return self.days_on(minute, days) if days else self.on(minute, HOURS[priority] * 60)


def number(at: datetime) -> int:
    return (at - FIRST) // MINUTE


@cache
def office() -> Calendar:
    return Calendar("Europe/Warsaw", is_office=True)


@cache
def always() -> Calendar:
    return Calendar("UTC", is_office=False)


@dataclass(frozen=True)
class Promise:
    """What was promised, as minutes: `left` is what stood still at a pause or before a resolution from a pause.

    A pause after the due time is late, also when no open minute has passed in between.
    """

    state: str
    started: int
    due: int
    total: int
    left: int | None = None
    closed: int | None = None
    was_late: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Turn:
    """How the incident stood from that minute on."""

    at: int
    state: str
    priority: str


def turns(rows: list[dict[str, str]]) -> Iterator[Turn]:
    """The rows, their times put in order; one that closes what nobody resolved was resolved before that."""
    opened_at, before = moment(rows[0]["opened_at"]), "New"
    yield (last := Turn(number(opened_at), "New", rows[0]["priority"]))
    for index, row in enumerate(rows):
        at = number(max(opened_at, min(moment(later["sys_updated_at"]) for later in rows[index:])))
        state, priority = row["incident_state"], row["priority"]
        if state == "Closed" and before not in DONE:
            said = at if row["resolved_at"] == "?" else number(moment(row["resolved_at"]))
            yield Turn(max(last.at, min(said, at)), "Resolved", priority)
        yield (last := Turn(at, state, priority))
        before = state


def count(rows: list[dict[str, str]]) -> Promise:
    """The promise from the report of the incident to the last row about it."""
    calendar = calendar_of(rows)
    first, *rest = turns(rows)
    due = calendar.due(first.at, first.priority)
    promise = Promise("running", first.at, due, calendar.between(first.at, due))
    was = first
    for now in rest:
        promise = turned(calendar, promise, was, now)
        was = now
    return promise


def turned(calendar: Calendar, promise: Promise, was: Turn, now: Turn) -> Promise:
    """A new priority counts first; then it is resolved or taken up again; then it waits, or waits no more."""
    if was.priority != now.priority:
        promise = promised_anew(calendar, promise, now)
    if now.state in DONE:
        return kept(promise, now.at) if was.state not in DONE else promise
    if was.state in DONE:
        promise = taken_up(calendar, promise, now.at)
    if now.state in WAITING:
        return standing(calendar, promise, now.at)
    return running(calendar, promise, now.at)


def promised_anew(calendar: Calendar, promise: Promise, now: Turn) -> Promise:
    """The same start, less what was used; what is closed stays as it is."""
    if promise.closed is not None:
        return promise
    plain = calendar.due(promise.started, now.priority)
    total = calendar.between(promise.started, plain)
    rest = calendar.between(now.at, promise.due) if promise.left is None else promise.left
    rest += total - promise.total
    due = calendar.on(now.at, rest) if rest >= 0 else calendar.back(now.at, -rest)
    if calendar.between(due, plain) == 0:
        due = plain
    if total == promise.total:
        return promise
    return replace(promise, due=due, total=total, left=None if promise.left is None else rest, was_late=now.at > due)


def left(calendar: Calendar, promise: Promise) -> int:
    """What was left when it was closed."""
    assert promise.closed is not None
    return calendar.between(promise.closed, promise.due) if promise.left is None else promise.left


def kept(promise: Promise, at: int) -> Promise:
    late = promise.was_late if promise.left is not None else at > promise.due
    return replace(promise, state="breached" if late else "met", closed=at)


def taken_up(calendar: Calendar, promise: Promise, at: int) -> Promise:
    """What was left at the resolution runs on; what was late is due when it was."""
    if promise.closed is None:
        return promise
    rest = left(calendar, promise)
    due = promise.due if promise.state == "breached" else max(promise.due, calendar.on(at, rest))
    return replace(promise, state="running", due=due, left=None, closed=None)


def standing(calendar: Calendar, promise: Promise, at: int) -> Promise:
    if promise.left is not None:
        return promise
    return replace(promise, state="paused", left=calendar.between(at, promise.due), was_late=at > promise.due)


def running(calendar: Calendar, promise: Promise, at: int) -> Promise:
    if promise.left is None:
        return promise
    due = promise.due if promise.was_late else max(promise.due, calendar.on(at, promise.left))
    return replace(promise, state="running", due=due, left=None)


def worked(rows: list[dict[str, str]]) -> int:
    """Open minutes in which it was neither waiting nor done."""
    told = list(turns(rows))
    spans = [(was.at, now.at) for was, now in pairwise(told) if was.state not in WAITING | DONE]
    return sum(calendar_of(rows).between(start, end) for start, end in spans)


def calendar_of(rows: list[dict[str, str]]) -> Calendar:
    """The office's, where the log ever says which group has it."""
    return office() if any(row["assignment_group"] != "?" for row in rows) else always()


@cache
def log() -> dict[str, list[dict[str, str]]]:
    """Every incident's rows."""
    rows: dict[str, list[dict[str, str]]] = {}
    with LOG.open(newline="", encoding="utf-8") as text:
        for row in csv.DictReader(text):
            rows.setdefault(f"servicenow:{row['number']}", []).append(row)
    return rows
