"""What happens in the year, as a seed says: who files what, who works on it, and who leaves it lying."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.journeys.year.wall import HOUR, MINUTE, Wall, is_away, stamp, wall_of
from tests.journeys.year.world import CLEO, WORLD, leads_of, team_of, workers_of

WEEK = timedelta(weeks=1)
TYPES = ("mail", "network", "network", "orders", "orders", "servers")
URGENT, QUIET, AT_ANY_HOUR, NEVER = 0.15, 0.2, 0.3, 0.3
SUMMER = range(29, 34)
WARSAW, NEW_YORK = ZoneInfo("Europe/Warsaw"), ZoneInfo("America/New_York")
STORMS = (  # filed within two hours; by the next opening everything that was promised is broken
    (datetime(2026, 1, 9, 16, 40, tzinfo=WARSAW), "mail", 30),
    (datetime(2026, 3, 27, 16, 50, tzinfo=WARSAW), "network", 33),  # that weekend the clocks go forward
    (datetime(2026, 7, 2, 18, 0, tzinfo=NEW_YORK), "orders", 52),  # the Friday after it is a holiday
    (datetime(2026, 10, 23, 17, 0, tzinfo=WARSAW), "mail", 30),  # that weekend they go back
    (datetime(2026, 12, 23, 18, 0, tzinfo=WARSAW), "network", 30),  # the office is closed until Monday
)


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody does something to the ticket of that index."""

    at: int
    verb: str
    by: str
    index: int = 0
    to: str = ""  # whom it goes to; how much time; or the type and priority of what is filed


@dataclass(slots=True)
class Hand:
    """Whoever moves one ticket on: the time goes on with each step."""

    dice: random.Random
    team: str
    at: int

    @property
    def hours(self) -> Wall:
        return wall_of(self.team)

    def later(self, least: float, most: float) -> int:
        """So many open hours later."""
        self.at = self.hours.on(self.at, self.dice.randint(round(least * HOUR), round(most * HOUR)))
        return self.at

    def whenever(self, least: float, most: float) -> int:
        """So many hours later, by day or by night."""
        self.at += self.dice.randint(round(least * HOUR), round(most * HOUR))
        return self.at

    def somebody(self, team: str = "") -> str:
        """One who is there on that day, else any."""
        workers = workers_of(team or self.team)
        there = [who for who in workers if not is_away(who, team or self.team, self.at)]
        return self.dice.choice(there or workers)

    def lead(self) -> str:
        return leads_of(self.team)[0]

    def does(self, verb: str, least: float, most: float, by: str = "", to: str = "") -> Step:
        at = self.later(least, most)
        return Step(at, verb, by or self.somebody(), to=to)


Life = Callable[[Hand], Iterator[Step]]


def smooth(hand: Hand) -> Iterator[Step]:
    yield hand.does("take", 0.05, 0.6)
    yield hand.does("reply", 0.05, 0.3)
    yield hand.does("resolve", 0.5, 5)


def slow(hand: Hand) -> Iterator[Step]:
    yield hand.does("take", 1, 3)
    yield hand.does("reply", 0.2, 3)
    yield hand.does("resolve", 8, 40)


def waits(hand: Hand) -> Iterator[Step]:
    """For the customer, once or three times."""
    yield hand.does("take", 0.1, 1)
    for _ in range(hand.dice.randint(1, 3)):
        yield hand.does("reply", 0.1, 4)
        yield hand.does("wait", 0.02, 5)
        yield Step(hand.whenever(0.2, 100), "write", CLEO)
    yield hand.does("reply", 0.5, 6)
    yield hand.does("resolve", 1, 20)


def given(hand: Hand) -> Iterator[Step]:
    """To somebody who begins, passes it back, or does not even answer."""
    whom = hand.somebody()
    yield hand.does("assign", 0.1, 1, hand.lead(), to=whom)
    yield hand.does(hand.dice.choice(("start", "pass", "note")), 0.2, 3, whom)
    yield hand.does("reply", 0.1, 3)
    yield hand.does("resolve", 4, 40)


def asked(hand: Hand) -> Iterator[Step]:
    """The experts, who answer soon, late or never."""
    yield hand.does("take", 0.1, 0.4)
    yield hand.does("escalate", 0.1, 1, to="network")
    if hand.dice.random() > NEVER:
        yield hand.does("ask_back", 0.1, 1, hand.somebody("network"))
        yield hand.does("note", 0.1, 4)
    if hand.dice.random() > NEVER:
        answer = hand.dice.choice(("accept", "accept", "reject"))
        yield hand.does(answer, 0.1, 2.5, hand.somebody("network"))
    yield hand.does("reply", 0.2, 6)
    yield hand.does("resolve", 2, 30)


def longer(hand: Hand) -> Iterator[Step]:
    """More time, before it is due or after, once while it waits."""
    yield hand.does("take", 0.1, 1)
    for _ in range(hand.dice.randint(1, 2)):
        yield hand.does("extend", 0.5, 24, hand.lead(), to=hand.dice.choice(("2h", "40m", "1d")))
    yield hand.does("wait", 1, 10)
    yield hand.does("extend", 0.5, 4, hand.lead(), to="2h")
    yield Step(hand.whenever(1, 60), "write", CLEO)
    yield hand.does("resolve", 10, 50)


def silenced(hand: Hand) -> Iterator[Step]:
    """Whenever somebody looks, its alert is snoozed; once it waits in the middle of a snooze."""
    yield hand.does("take", 0.5, 3)
    for _ in range(hand.dice.randint(3, 9)):
        yield hand.does("snooze", 0.3, 4, to=hand.dice.choice(("30", "60", "120")))
        if hand.dice.random() > 0.7:
            yield hand.does("wait", 0.05, 0.2)
            yield hand.does("write", 0.02, 0.3, CLEO)
    yield hand.does("resolve", 1, 20)


def back_again(hand: Hand) -> Iterator[Step]:
    """What was resolved, in time or late, is open again."""
    yield hand.does("take", 0.1, 4)
    yield hand.does("resolve", 1, 28)
    yield Step(hand.whenever(1, 150), "reopen", CLEO)
    yield hand.does("start", 0.5, 10)
    yield hand.does("resolve", 2, 30)


def left_lying(hand: Hand) -> Iterator[Step]:
    if hand.dice.random() > NEVER:
        yield hand.does("resolve", 40, 90)


LIVES: tuple[Life, ...] = (smooth, slow, waits, given, asked, longer, silenced, back_again, left_lying)


def year(seed: int, first: datetime, weeks: int = 52, *, busy: int = 3) -> list[Step]:
    """All of it, in the order in which it happens; no two steps share a second."""
    dice = random.Random(seed)
    filed = [*_usual(dice, first, weeks, busy), *_storms(dice, first, first + weeks * WEEK)]
    steps = [step for index, (opening, life) in enumerate(filed) for step in _lived(dice, index, opening, life)]
    steps += [
        Step(_after_the_storm(begins, type_), "apply", "", to=f"U0OTTO{each}")
        for each, (begins, type_, _) in enumerate(STORMS)
    ]
    steps = sorted(steps, key=lambda step: (step.at, step.index))
    for before, step in enumerate(steps[1:]):
        if step.at <= steps[before].at:
            steps[before + 1] = replace(step, at=steps[before].at + 1)
    return steps


def _usual(dice: random.Random, first: datetime, weeks: int, busy: int) -> Iterator[tuple[Step, Life]]:
    for week in range(weeks):
        quiet = week in SUMMER or dice.random() < QUIET
        for _ in range(dice.randint(1, 2) if quiet else dice.randint(busy - 2, busy + 2)):
            type_ = dice.choice(TYPES)
            at = stamp(first + week * WEEK) + dice.randint(0, 7 * 24 * HOUR)
            if dice.random() > AT_ANY_HOUR:
                at = wall_of(team_of(type_)).on(at, dice.randint(MINUTE, 7 * HOUR))
            priority = "critical" if dice.random() < URGENT else "normal"
            yield Step(at, "file", CLEO, to=f"{type_} {priority}"), dice.choice(LIVES)


def _storms(dice: random.Random, first: datetime, last: datetime) -> Iterator[tuple[Step, Life]]:
    for begins, type_, many in STORMS:
        for _ in range(many if first <= begins < last else 0):
            at = stamp(begins) + dice.randint(0, 2 * HOUR)
            yield Step(at, "file", CLEO, to=f"{type_} critical"), slow


def storm_breaks(begins: datetime, type_: str) -> int:
    """The opening after the weekend."""
    return wall_of(team_of(type_)).opening(stamp(begins) + 2 * HOUR)


def _after_the_storm(begins: datetime, type_: str) -> int:
    """While nobody has acted yet."""
    return storm_breaks(begins, type_) + 4 * MINUTE + 7


def _lived(dice: random.Random, index: int, opening: Step, life: Life) -> Iterator[Step]:
    yield replace(opening, index=index)
    team = str(WORLD["types"][opening.to.split()[0]]["team"])
    hand = Hand(dice, team, opening.at)
    yield from (replace(step, index=index) for step in life(hand))
