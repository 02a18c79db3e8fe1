"""The next best ticket for somebody: how urgent, how likely to be late, how well they know it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rules.model.people import Level
from rules.model.tickets import Priority

WEIGHTS = {Priority.CRITICAL: 8.0, Priority.HIGH: 4.0, Priority.NORMAL: 2.0, Priority.LOW: 1.0}
KNOWN = {None: 1.0, Level.LEARNING: 0.9, Level.CAN: 1.1, Level.EXPERT: 1.2}
LEAST = 0.05  # a ticket that is almost certain to be in time must not wait for ever
HALF = 8.0  # hours; what is due in so many is half as pressing as what is due now
UNPROMISED = 24.0  # hours; what nothing is promised for counts as if it were due then


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket that nobody has. `late` is the chance that its promise breaks, None where no outlook knows it."""

    number: int
    priority: Priority
    level: Level | None = None
    late: float | None = None
    due_at: datetime | None = None


def pressing(one: Waiting, now: datetime) -> float:
    """Priority x risk x competence. The risk is the chance to be late where one was simulated, else it follows from the
    due time: 1 when it is past, 1/2 when it is 8 hours away."""
    return WEIGHTS[one.priority] * max(_risk(one, now), LEAST) * KNOWN[one.level]


def next_best(waiting: Iterable[Waiting], now: datetime) -> Waiting | None:
    """The most pressing one, of equals the oldest; None when there is none."""
    return min(waiting, key=lambda one: (-pressing(one, now), one.number), default=None)


def _risk(one: Waiting, now: datetime) -> float:
    if one.late is not None:
        return one.late
    hours = UNPROMISED if one.due_at is None else max((one.due_at - now).total_seconds() / 3600, 0.0)
    return HALF / (HALF + hours)
