"""What a lead can do about it: each lever is one change of the situation, which the desk can apply exactly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import product
from math import inf
from typing import Any

from rules.forecasts.forecasts import (
    Chance,
    Load,
    Outlook,
    Shift,
    Shifts,
    Situation,
    Task,
    Worker,
    first_of,
    is_late,
    next_day,
)
from rules.model.tickets import Priority

HELPER = "one more"
HELP_S = 2 * 3600
EXTENDED = 3
SOME = (1, 2, 3, 5, 8, 13)  # so many tickets are tried
PAIRS = 2  # so many givers and takers are tried
SAFE = 0.95  # a ticket this likely to be made has nothing to gain


class LeverKind(StrEnum):
    """What is changed."""

    MOVE = "move"
    HELP = "help"
    PAUSE = "pause"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True)
class Lever:
    """One change, with the breaches to be expected without and with it.

    MOVE gives `tickets` of `giver` to `taker`. HELP brings one more person for `shifts`, who takes `tickets` first.
    PAUSE lets `priority` wait for all others. EXTEND promises each of `tickets` for the moment beside it in `due_at`.
    """

    kind: LeverKind
    tickets: tuple[int, ...] = ()
    giver: str | None = None
    taker: str | None = None
    shifts: Shifts = ()
    priority: Priority | None = None
    due_at: tuple[int, ...] = ()
    before: float = 0.0
    after: float = 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self) | {
            "kind": str(self.kind),
            "priority": None if self.priority is None else str(self.priority),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Lever":
        priority = Priority(plain["priority"]) if plain["priority"] else None
        kept = {**plain, "kind": LeverKind(plain["kind"]), "priority": priority}
        shifts = tuple(Shift(**one) for one in plain["shifts"])
        return cls(**kept | {"shifts": shifts, "tickets": tuple(plain["tickets"]), "due_at": tuple(plain["due_at"])})

    @property
    def gain(self) -> float:
        """So many fewer breaches are to be expected."""
        return self.before - self.after


def applied(situation: Situation, lever: Lever) -> Situation:
    """The situation as if the lever were pulled; tickets that are no longer open are passed over."""
    if lever.kind is LeverKind.PAUSE and lever.priority is not None:
        return replace(situation, paused=situation.paused | {lever.priority})
    if lever.kind is LeverKind.EXTEND:
        later = dict(zip(lever.tickets, lever.due_at, strict=True))
        tasks = (replace(task, due_at=later.get(task.number, task.due_at)) for task in situation.tasks)
        return replace(situation, tasks=tuple(tasks))
    given = (replace(task, holder=lever.taker) if task.number in lever.tickets else task for task in situation.tasks)
    helpers = (Worker(HELPER, lever.shifts),) if lever.kind is LeverKind.HELP else ()
    return replace(situation, tasks=tuple(given), workers=situation.workers + helpers)


def candidates(situation: Situation, outlook: Outlook) -> dict[LeverKind, tuple[Lever, ...]]:
    """Every lever worth trying, by kind; the simulation says what each is worth."""
    return {
        LeverKind.MOVE: tuple(dict.fromkeys(_moves(situation, outlook))),
        LeverKind.HELP: tuple(dict.fromkeys(_helps(situation, outlook))),
        LeverKind.PAUSE: tuple(_pauses(situation)),
        LeverKind.EXTEND: tuple(_extensions(situation, outlook)),
    }


def _moves(situation: Situation, outlook: Outlook) -> Iterator[Lever]:
    """From those who are done last (away: never) to those who are done first, as many tickets as the taker fits."""
    held = [load for load in outlook.loads if load.person is not None]
    givers = sorted((load for load in held if load.tickets), key=_clears, reverse=True)[:PAIRS]
    for giver in givers:
        for taker in _takers(situation, held, giver)[:PAIRS]:
            mine = [task for task in situation.tasks if task.holder == giver.person and taker.fits(task)]
            for tickets in _choices(situation, mine, outlook):
                yield Lever(LeverKind.MOVE, tickets, giver.person, taker.person)


def _takers(situation: Situation, held: Sequence[Load], giver: Load) -> list[Worker]:
    """Who is done first with what they have; whoever works at all is among the loads."""
    clears = {load.person: _clears(load) for load in held}
    return sorted((one for one in situation.workers if one.person != giver.person), key=lambda one: clears[one.person])


def _helps(situation: Situation, outlook: Outlook) -> Iterator[Lever]:
    shifts = first_of(situation.opening, situation.now, HELP_S)
    if shifts:
        yield Lever(LeverKind.HELP, taker=HELPER, shifts=shifts)
        for tickets in _choices(situation, situation.tasks, outlook):
            yield Lever(LeverKind.HELP, tickets, taker=HELPER, shifts=shifts)


def _pauses(situation: Situation) -> Iterator[Lever]:
    there = {task.priority for task in situation.tasks}
    if Priority.LOW in there - situation.paused and len(there) > 1:
        yield Lever(LeverKind.PAUSE, priority=Priority.LOW)


def _extensions(situation: Situation, outlook: Outlook) -> Iterator[Lever]:
    """The three tickets to which one more working day is worth most."""
    due_at = {task.number: task.due_at for task in situation.tasks if task.due_at is not None}
    ahead = [one for one in outlook.chances if one.number in due_at and due_at[one.number] >= situation.now]
    best = sorted(ahead, key=lambda one: (-_worth(one), one.number))[:EXTENDED]
    later = [(one.number, next_day(due_at[one.number], situation.opening)) for one in best if _worth(one) > 0]
    if later:
        numbers, moments = zip(*later, strict=True)
        yield Lever(LeverKind.EXTEND, tickets=numbers, due_at=moments)


def _choices(situation: Situation, tasks: Sequence[Task], outlook: Outlook) -> Iterator[tuple[int, ...]]:
    """Some of these tickets, of those which are neither late nor safe: the first ones due, or the least likely."""
    made = {one.number: one.made for one in outlook.chances if one.made is not None and one.made < SAFE}
    ahead = [task for task in tasks if task.number in made and not is_late(task, situation.now)]
    by_due = [task.number for task in sorted(ahead, key=lambda one: (one.due_at or 0, one.number))]
    by_chance = sorted(by_due, key=lambda number: made[number])
    for many, numbers in product(SOME, (by_due, by_chance)):
        if many <= len(numbers):
            yield tuple(sorted(numbers[:many]))


def _worth(chance: Chance) -> float:
    return 0.0 if chance.made is None or chance.if_later is None else chance.if_later - chance.made


def _clears(load: Load) -> tuple[float, str]:
    return inf if load.clears_at is None else load.clears_at, load.person or ""
