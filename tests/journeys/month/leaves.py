"""Who is away when: typed days before or in the middle of a day, prolonged, ended early, or gone from Slack."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from tests.journeys.month.world import EQUALS, FIRST, LAST, TICK, WORLD, everybody, hours_of
from tests.journeys.year.wall import HOUR, Wall, days, moment, stamp

NEVER = 1 << 60
EARLY = 0.3  # so many who are ill are back before they thought


@dataclass(frozen=True, slots=True)
class Leave:
    """Entered at `typed`; `ends` is what was meant then, `back` is when they came back before it."""

    person: str
    typed: int
    begins: int
    ends: int
    back: int | None = None
    gone: bool = False

    @property
    def over(self) -> int:
        return self.ends if self.back is None else self.back


@dataclass(frozen=True, slots=True)
class Asks:
    """Somebody who needs time off at that moment."""

    dice: random.Random
    person: str
    at: int

    @property
    def hours(self) -> Wall:
        return hours_of(self.person)

    def midnight(self, days: int) -> int:
        """The first moment of the day so many days on, where they live."""
        local = moment(self.at).astimezone(self.hours.zone).date() + timedelta(days=days)
        return stamp(datetime.combine(local, time(), self.hours.zone))

    def worked(self, least: int, most: int) -> int:
        """A moment so many of their open hours later, at which people look up."""
        return on_a_tick(self.hours, self.hours.on(self.at, self.dice.randint(least * HOUR, most * HOUR)))


Kind = Callable[[Asks], Iterator[Leave]]


def some_hours(asks: Asks) -> Iterator[Leave]:
    yield Leave(asks.person, asks.at, asks.at, asks.at + asks.dice.randint(2, 7) * TICK)


def prolonged(asks: Asks) -> Iterator[Leave]:
    """An hour or two, and when they are nearly over some more, and again."""
    typed = begins = asks.at
    for _ in range(3):
        ends = begins + asks.dice.randint(3, 4) * TICK
        yield Leave(asks.person, typed, begins, ends)
        typed, begins = ends - TICK, ends
        if not asks.hours.is_open(typed):
            return


def coming_days(asks: Asks) -> Iterator[Leave]:
    """Entered a day or more before."""
    first = asks.dice.randint(1, 3)
    yield Leave(asks.person, asks.at, asks.midnight(first), asks.midnight(first + asks.dice.randint(1, 3)))


def ill(asks: Asks) -> Iterator[Leave]:
    """From now on, until the end of tomorrow or the day after; some are back early."""
    ends = asks.midnight(asks.dice.randint(1, 3))
    back = asks.worked(2, 7) if asks.dice.random() < EARLY else NEVER
    yield Leave(asks.person, asks.at, asks.at, ends, back if back < ends else None)


def until_they_are_back(asks: Asks) -> Iterator[Leave]:
    yield Leave(asks.person, asks.at, asks.at, NEVER, asks.worked(5, 20))


def a_week(asks: Asks) -> Iterator[Leave]:
    yield Leave(asks.person, asks.at, asks.at, asks.midnight(7))


def left_slack(asks: Asks) -> Iterator[Leave]:
    """Their account is switched off, and on again some days later."""
    yield Leave(asks.person, asks.at, asks.at, NEVER, asks.worked(8, 20), gone=True)


PLANNED: tuple[Kind, ...] = (some_hours, prolonged, prolonged, coming_days, coming_days, a_week)
KINDS: tuple[Kind, ...] = (*PLANNED, ill, ill, until_they_are_back, left_slack)


def leaves(dice: random.Random) -> list[Leave]:
    """A month's worth, in the order in which it is entered. Equals are here all the time."""
    working = [who for who in everybody() if not any(who in equals for equals in EQUALS.values())]
    found = [leave for who in working for leave in _of_one(dice, who)]
    return sorted(found, key=lambda leave: leave.typed)


class Absences:
    """When each of them is away, told by what was typed and by the days that the description says."""

    def __init__(self, entered: Iterable[Leave]) -> None:
        self.entered = list(entered)
        self._spells: dict[str, list[tuple[int, int]]] = {who: list(_described(who)) for who in everybody()}
        self._gone: dict[str, list[tuple[int, int]]] = {who: [] for who in everybody()}
        for leave in self.entered:
            self._spells[leave.person].append((leave.begins, leave.over))
            self._gone[leave.person] += [(leave.begins, leave.over)] if leave.gone else []

    def away(self, person: str, at: int) -> bool:
        return any(begins <= at < over for begins, over in self._spells.get(person, ()))

    def on_leave(self, person: str, at: int) -> bool:
        """Whether they are away and come back, as who has left Slack does not."""
        gone = any(begins <= at < over for begins, over in self._gone.get(person, ()))
        return self.away(person, at) and not gone

    def here(self, person: str, at: int) -> bool:
        """Whether they are at work: in their own hours, and not away."""
        return hours_of(person).is_open(at) and not self.away(person, at)

    def turns(self, person: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """That time in parts, in each of which they are away or not."""
        marks = sorted({start, end, *(mark for spell in self._spells.get(person, ()) for mark in spell)})
        inside = [mark for mark in marks if start <= mark <= end]
        for begins, ends in pairwise(inside):
            yield begins, ends, self.away(person, begins)


def on_a_tick(hours: Wall, at: int) -> int:
    """The first moment from then on at which they work and people look up."""
    return hours.opening(-(-at // TICK) * TICK)


def _of_one(dice: random.Random, person: str) -> Iterator[Leave]:
    """One after another, with a day or two of work between them; no day off of the description is ended early."""
    kinds = PLANNED if "away" in WORLD["people"].get(person, {}) else KINDS
    at = stamp(FIRST)
    while (at := Asks(dice, person, at).worked(2, 16)) < stamp(LAST) - 8 * HOUR:
        for leave in dice.choice(kinds)(Asks(dice, person, at)):
            yield leave
            at = max(at, leave.over)


def _described(person: str) -> Iterator[tuple[int, int]]:
    place = hours_of(person).zone
    for span in WORLD["people"].get(person, {}).get("away", ()):
        first, *_, last = [*days(span), *days(span)]
        ends = datetime.combine(last + timedelta(days=1), time(), place)
        yield stamp(datetime.combine(first, time(), place)), stamp(ends)
