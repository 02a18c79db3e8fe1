"""What is asked for in the month, and what will become of each of it once somebody works on it."""

import random
from dataclasses import dataclass, field

from tests.journeys.month.world import CUSTOMERS, FIRST, LAST, MANY, TICK, WORLD, wall_of
from tests.journeys.year.wall import stamp

HARD = {"network": 0.8, "servers": 0.6, "access": 0.3, "orders": 0.2, "billing": 0.3}  # so many go to the experts
WAITS, PASSES, AGAIN = 0.2, 0.05, 0.15


@dataclass(slots=True)
class Asked:
    """One request. `fates` is what each spell of work on it ends with, the first one first; then it is resolved."""

    at: int
    type: str
    by: str
    fates: list[str] = field(default_factory=list)
    passed: bool = False  # whoever gets it first passes it on
    begun: bool = False  # most of the work is done
    again: bool = False  # what was resolved is opened again


def filings(dice: random.Random) -> list[Asked]:
    """In the order in which they arrive, most of them while the team is there."""
    found = []
    for type_, many in MANY.items():
        wall = wall_of(WORLD["types"][type_]["team"])
        month = wall.between(stamp(FIRST), stamp(LAST))
        for _ in range(many):
            at = wall.on(stamp(FIRST), dice.randint(1, month - TICK))
            fates = ["wait"] * (dice.random() < WAITS) + ["escalate"] * (dice.random() < HARD.get(type_, 0))
            passed, again = dice.random() < PASSES, dice.random() < AGAIN
            found.append(Asked(at, type_, dice.choice(CUSTOMERS), fates, passed, again=again))
    return sorted(found, key=lambda asked: asked.at)
