"""How long people were logged in, on breaks and busy with what, added up from what they pressed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from rules.calendars.calendars import Calendar, day_bounds, openings
from rules.calendars.timezones import zone
from rules.presence.presence import Leave, Press, Pressed


@dataclass(frozen=True, slots=True)
class Spell:
    """One press and how long it counted; `forgotten` when nothing ended it but the end of the person's hours."""

    what: Press
    activity: str
    seconds: int
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Worked:
    """One person's time by what they pressed; who pressed nothing has no time that is known, which is not none."""

    who: str
    logged_in_s: int = 0
    break_s: int = 0
    activities: tuple[tuple[str, int], ...] = ()
    presses: int = 0
    forgotten: int = 0

    @property
    def ticket_s(self) -> int:
        """What is left for tickets without the breaks and the activities."""
        return self.logged_in_s - self.break_s - sum(seconds for _, seconds in self.activities)


def worked(
    who: str,
    pressed: Iterable[Pressed],
    leaves: Sequence[Leave],
    hours: Calendar,
    *,
    first: date,
    last: date,
    now: datetime,
) -> Worked:
    """The person's time on those days, both included, by the clock of their own hours."""
    found = [spell for day in _by_day(pressed, hours, first, last) for spell in spells(day, leaves, hours, now)]
    spent = Counter[tuple[Press, str]]()
    for spell in found:
        spent[spell.what, spell.activity] += spell.seconds
    busy = sorted((key[1], seconds) for key, seconds in spent.items() if key[0] is Press.ACTIVITY)
    return Worked(
        who,
        logged_in_s=sum(seconds for key, seconds in spent.items() if key[0] is not Press.OUT),
        break_s=spent[Press.BREAK, ""],
        activities=tuple(busy),
        presses=len(found),
        forgotten=sum(spell.forgotten for spell in found),
    )


def spells(day: Sequence[Pressed], leaves: Iterable[Leave], hours: Calendar, now: datetime) -> Iterator[Spell]:
    """What one local day's presses, in order, counted for.

    1. A press counts until the next one of that day. 2. Leave that begins meanwhile ends it. 3. What nothing ended
    counts until the person's hours close that day, or until now where that is earlier; pressed after closing and never
    ended it counts for nothing, because nobody knows how long it lasted. 4. Logging out counts for no time.
    """
    begins = sorted(leave.begins for leave in leaves)
    for place, one in enumerate(day):
        ends = [other.at for other in day[place + 1 : place + 2]]
        ends += [begun for begun in begins if one.at < begun and _same_day(hours, one.at, begun)][:1]
        ends = [end for end in ends if end <= now]
        closes = max(one.at, _closing(hours, one.at))
        until = min(ends, default=min(closes, now))
        seconds = 0 if one.what is Press.OUT else int((until - one.at).total_seconds())
        yield Spell(one.what, one.activity, seconds, one.what is not Press.OUT and not ends and closes < now)


def _by_day(pressed: Iterable[Pressed], hours: Calendar, first: date, last: date) -> Iterator[list[Pressed]]:
    place = zone(hours.timezone)
    ordered = sorted(pressed, key=lambda one: one.at)
    for day, some in groupby(ordered, key=lambda one: one.at.astimezone(place).date()):
        if first <= day <= last:
            yield list(some)


def _closing(hours: Calendar, at: datetime) -> datetime:
    """When the last window of that day ends; `at` where none is left."""
    end = day_bounds(hours, at.astimezone(zone(hours.timezone)).date())[1]
    spans = openings(hours, at, end)
    return spans[-1][1] if spans else at


def _same_day(hours: Calendar, one: datetime, other: datetime) -> bool:
    place = zone(hours.timezone)
    return one.astimezone(place).date() == other.astimezone(place).date()
