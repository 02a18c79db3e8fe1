"""The chance that is told: a few candidates, the one that was right most often, and its correction.

Which it is, is found by a backtest on the team's own history (`rules.forecasts.selection`).
"""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from statistics import fmean

from rules.statistics import ForecastResult

_CERTAIN = 0.99  # nothing is surer than that before it is corrected


class Candidate(StrEnum):
    """A way to get a chance; the words are what people read."""

    ELAPSED = "elapsed time"
    PACE = "pace"
    PEOPLE = "people's hours"
    AVERAGE = "the average of these"
    USUAL = "the usual share"


@dataclass(frozen=True, slots=True)
class CandidateChances:
    """A ticket's chance by elapsed time, by its type's pace, and by the simulation of people's hours; None where one
    has none."""

    elapsed: float | None
    pace: float | None
    people: float | None

    def chance(self, candidate: Candidate) -> float | None:
        known = [one for one in (self.elapsed, self.pace, self.people) if one is not None]
        by_candidate = {
            Candidate.ELAPSED: self.elapsed,
            Candidate.PACE: self.pace,
            Candidate.PEOPLE: self.people,
            Candidate.AVERAGE: fmean(known) if known else None,
        }
        return by_candidate.get(candidate)


@dataclass(frozen=True, slots=True)
class PastChance:
    """The candidates for one ticket on one morning, and the outcome, which was known at `decided_at`."""

    number: int
    at: datetime
    is_waiting: bool
    chances: CandidateChances
    met: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class SettledChance:
    """A chance that was told, and whether it came true; `elapsed` is what elapsed time alone would have told."""

    team: str
    chance: float
    came_true: bool
    elapsed: float | None = None
    is_waiting: bool = False

    @property
    def result(self) -> ForecastResult:
        return ForecastResult(self.chance, self.came_true)


@dataclass(frozen=True, slots=True)
class ChosenChance:
    """A candidate and its correction, a straight line between log odds; `usual` is the share that met its target."""

    candidate: Candidate = Candidate.ELAPSED
    intercept: float = 0.0
    slope: float = 1.0
    usual: float = 0.5

    @property
    def is_corrected(self) -> bool:
        return (self.intercept, self.slope) != (0.0, 1.0)

    def chance(self, chances: CandidateChances) -> float | None:
        """The average of the candidates where this one has none."""
        if self.candidate is Candidate.USUAL:
            return self.usual
        chance = chances.chance(self.candidate)
        if chance is None:
            return chances.chance(Candidate.AVERAGE)
        return expit(self.intercept + self.slope * log_odds(chance)) if self.is_corrected else chance


@dataclass(frozen=True, slots=True)
class ChanceMethod:
    """What is told of tickets in work, and of those that wait for their customer."""

    in_work: ChosenChance = field(default_factory=ChosenChance)
    waiting: ChosenChance = field(default_factory=ChosenChance)

    def chosen(self, *, is_waiting: bool) -> ChosenChance:
        return self.waiting if is_waiting else self.in_work

    def with_chosen(self, chosen: ChosenChance, *, is_waiting: bool) -> "ChanceMethod":
        return replace(self, waiting=chosen) if is_waiting else replace(self, in_work=chosen)


def log_odds(chance: float) -> float:
    kept = min(max(chance, 1 - _CERTAIN), _CERTAIN)
    return math.log(kept / (1 - kept))


def expit(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
