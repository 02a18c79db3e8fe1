"""How long people were logged in, on breaks and busy with what, added up from what they pressed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from rules.calendars.calendars import Calendar, day_bounds, open_periods
from rules.calendars.timezones import time_zone
from rules.presence.presence import Leave, PresenceAction, RecordedAction


@dataclass(frozen=True, slots=True)
class StatusInterval:
    """One press and how long it counted; `forgotten` when nothing ended it but the end of the person's hours."""

    action: PresenceAction
    activity: str
    seconds: int
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class LoggedTime:
    """One person's time by what they pressed; who pressed nothing has no time that is known, which is not none."""

    person: str
    logged_in_s: int = 0
    break_s: int = 0
    activities: tuple[tuple[str, int], ...] = ()
    action_count: int = 0
    forgotten: int = 0

    @property
    def ticket_s(self) -> int:
        """What is left for tickets without the breaks and the activities."""
        return self.logged_in_s - self.break_s - sum(seconds for _, seconds in self.activities)


def sum_logged_time(
    person: str,
    actions: Iterable[RecordedAction],
    leaves: Sequence[Leave],
    hours: Calendar,
    *,
    first: date,
    last: date,
    now: datetime,
) -> LoggedTime:
    """The person's time on those days, both included, by the clock of their own hours."""
    found = [
        spell
        for day in _actions_by_day(actions, hours, first, last)
        for spell in status_intervals(day, leaves, hours, now)
    ]
    spent = Counter[tuple[PresenceAction, str]]()
    for spell in found:
        spent[spell.action, spell.activity] += spell.seconds
    busy = sorted((key[1], seconds) for key, seconds in spent.items() if key[0] is PresenceAction.ACTIVITY)
    return LoggedTime(
        person,
        logged_in_s=sum(seconds for key, seconds in spent.items() if key[0] is not PresenceAction.OUT),
        break_s=spent[PresenceAction.BREAK, ""],
        activities=tuple(busy),
        action_count=len(found),
        forgotten=sum(spell.forgotten for spell in found),
    )


def status_intervals(
    actions: Sequence[RecordedAction], leaves: Iterable[Leave], hours: Calendar, now: datetime
) -> Iterator[StatusInterval]:
    """What one local day's presses, in order, counted for.

    1. A press counts until the next one of that day. 2. Leave that begins meanwhile ends it. 3. What nothing ended
    counts until the person's hours close that day, or until now where that is earlier; pressed after closing and never
    ended it counts for nothing, because nobody knows how long it lasted. 4. Logging out counts for no time.
    """
    begins = sorted(leave.begins for leave in leaves)
    for place, one in enumerate(actions):
        ends = [other.at for other in actions[place + 1 : place + 2]]
        ends += [begun for begun in begins if one.at < begun and _is_same_day(hours, one.at, begun)][:1]
        ends = [end for end in ends if end <= now]
        closes = max(one.at, _closing_time(hours, one.at))
        until = min(ends, default=min(closes, now))
        seconds = 0 if one.action is PresenceAction.OUT else int((until - one.at).total_seconds())
        yield StatusInterval(
            one.action, one.activity, seconds, one.action is not PresenceAction.OUT and not ends and closes < now
        )


def _actions_by_day(
    actions: Iterable[RecordedAction], hours: Calendar, first: date, last: date
) -> Iterator[list[RecordedAction]]:
    place = time_zone(hours.timezone)
    ordered = sorted(actions, key=lambda one: one.at)
    for day, some in groupby(ordered, key=lambda one: one.at.astimezone(place).date()):
        if first <= day <= last:
            yield list(some)


def _closing_time(hours: Calendar, at: datetime) -> datetime:
    """When the last window of that day ends; `at` where none is left."""
    end = day_bounds(hours, at.astimezone(time_zone(hours.timezone)).date())[1]
    spans = open_periods(hours, at, end)
    return spans[-1][1] if spans else at


def _is_same_day(hours: Calendar, one: datetime, other: datetime) -> bool:
    place = time_zone(hours.timezone)
    return one.astimezone(place).date() == other.astimezone(place).date()
