"""How long people were logged in, on breaks and busy, added up from their recorded actions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from rules.calendars.calendars import Calendar, day_bounds, open_periods
from rules.calendars.timezones import local_date
from rules.presence.presence import Leave, PresenceAction, RecordedAction


@dataclass(frozen=True, slots=True)
class StatusInterval:
    """One action and how long it counted; `forgotten` when only the end of the working hours ended it."""

    action: PresenceAction
    activity: str
    seconds: int
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class LoggedTime:
    """One person's time by their actions; without actions the time is unknown, which is not zero."""

    person: str
    logged_in_s: int = 0
    break_s: int = 0
    activities: tuple[tuple[str, int], ...] = ()
    action_count: int = 0
    forgotten: int = 0

    @property
    def ticket_s(self) -> int:
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
    """The time on those days, both included, by the local clock of the person's hours."""
    intervals: list[StatusInterval] = []
    ordered = sorted(actions, key=lambda one: one.at)
    for day, same_day in groupby(ordered, key=lambda one: local_date(one.at, hours.timezone)):
        if first <= day <= last:
            intervals += status_intervals(list(same_day), leaves, hours, now)
    spent = Counter[tuple[PresenceAction, str]]()
    for interval in intervals:
        spent[interval.action, interval.activity] += interval.seconds
    busy = sorted((key[1], seconds) for key, seconds in spent.items() if key[0] is PresenceAction.ACTIVITY)
    return LoggedTime(
        person,
        logged_in_s=sum(seconds for key, seconds in spent.items() if key[0] is not PresenceAction.OUT),
        break_s=spent[PresenceAction.BREAK, ""],
        activities=tuple(busy),
        action_count=len(intervals),
        forgotten=sum(interval.forgotten for interval in intervals),
    )


def status_intervals(
    actions: Sequence[RecordedAction], leaves: Iterable[Leave], hours: Calendar, now: datetime
) -> Iterator[StatusInterval]:
    """The intervals of one local day's actions.

    1. An action counts until the next one of that day. 2. Leave that begins meanwhile ends it. 3. Otherwise it counts
    until the person's hours close that day, or until now where that is earlier; after closing it counts for nothing,
    because nobody knows how long it lasted. 4. Logging out counts for no time.
    """
    begins = sorted(leave.begins for leave in leaves)
    for index, action in enumerate(actions):
        following = [other.at for other in actions[index + 1 : index + 2]]
        away = [at for at in begins if action.at < at and _is_same_day(hours, action.at, at)][:1]
        ends = [at for at in following + away if at <= now]
        closes = max(action.at, _closing_time(hours, action.at))
        until = min(ends, default=min(closes, now))
        is_out = action.action is PresenceAction.OUT
        seconds = 0 if is_out else int((until - action.at).total_seconds())
        yield StatusInterval(action.action, action.activity, seconds, not is_out and not ends and closes < now)


def _closing_time(hours: Calendar, at: datetime) -> datetime:
    end = day_bounds(hours, local_date(at, hours.timezone))[1]
    spans = open_periods(hours, at, end)
    return spans[-1][1] if spans else at


def _is_same_day(hours: Calendar, one: datetime, other: datetime) -> bool:
    return local_date(one, hours.timezone) == local_date(other, hours.timezone)
