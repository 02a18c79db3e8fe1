"""Elapsed time: how much longer tickets of a type took that had come as far as this one.

Time is that of the resolution timer: business seconds, which stand still while a ticket waits for its customer. So a
waiting ticket is often resolved without any more of it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

POOLING_TICKETS = 10.0  # a type's own tickets weigh half when there are so many
AGE_BANDS = (3600, 4 * 3600, 16 * 3600, 64 * 3600)  # seconds; each four times the one before
MAX_CURVE_POINTS = 24
ALL_TYPES = ""


class TicketState(StrEnum):
    """How far an open ticket has come."""

    NOT_BEGUN = "not begun"
    IN_PROGRESS = "in progress"
    WAITING = "waiting"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class ElapsedSample:
    """A ticket on one morning: used timer time, and how much more it took; a lower bound until it `has_ended`."""

    number: int
    type: str
    state: TicketState
    used_s: float
    more_s: float
    has_ended: bool


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share of tickets that are resolved within so many seconds more, from `tickets` different ones."""

    tickets: int
    seconds: tuple[float, ...]
    shares: tuple[float, ...]

    def share_within(self, seconds: float) -> float:
        index = bisect_right(self.seconds, seconds)
        return self.shares[index - 1] if index else 0.0


CurveKey = tuple[str, int, str]  # state, age band, type


@dataclass(frozen=True, slots=True)
class SurvivalCurves:
    """A curve for each state, age band and type, and for all types together."""

    curves: Mapping[CurveKey, SurvivalCurve] = field(default_factory=dict)

    def chance_within(self, type: str, state: TicketState, used_s: float, seconds: float) -> float | None:
        """P(resolved with at most so many seconds more); None where no such ticket was ever seen.

        A type's own curve weighs n / (n + k) with n tickets; that of all types the rest.
        """
        band = bisect_right(AGE_BANDS, used_s)
        overall, own = (self.curves.get((state, band, key)) for key in (ALL_TYPES, type))
        if overall is None:
            return None
        weight = own.tickets / (own.tickets + POOLING_TICKETS) if own else 0.0
        own_share = own.share_within(seconds) if own else 0.0
        return weight * own_share + (1 - weight) * overall.share_within(seconds)

    def to_json(self) -> list[Any]:
        return [[*key, one.tickets, list(one.seconds), list(one.shares)] for key, one in self.curves.items()]

    @classmethod
    def from_json(cls, stored: Sequence[Any]) -> "SurvivalCurves":
        return cls(
            {
                (state, band, type): SurvivalCurve(tickets, tuple(seconds), tuple(shares))
                for state, band, type, tickets, seconds, shares in stored
            }
        )


def learn_curves(samples: Iterable[ElapsedSample]) -> SurvivalCurves:
    by_key: dict[CurveKey, list[ElapsedSample]] = defaultdict(list)
    for sample in samples:
        band = bisect_right(AGE_BANDS, sample.used_s)
        by_key[str(sample.state), band, ALL_TYPES].append(sample)
        by_key[str(sample.state), band, sample.type].append(sample)
    return SurvivalCurves({key: _curve(some) for key, some in by_key.items()})


def _curve(samples: Sequence[ElapsedSample]) -> SurvivalCurve:
    """The product-limit estimator (Kaplan and Meier 1958), at no more than MAX_CURVE_POINTS of its steps."""
    ordered = sorted(samples, key=lambda one: one.more_s)
    points, survival, at_risk = [], 1.0, len(ordered)
    for seconds, group in groupby(ordered, key=lambda one: one.more_s):
        same = list(group)
        ended = sum(one.has_ended for one in same)
        at_risk -= len(same) - ended  # a waiting ticket may yet be resolved at that same second of its timer
        if ended:
            survival *= 1 - ended / at_risk
            points.append((seconds, 1 - survival))
        at_risk -= ended
    every = max(1, -(-len(points) // MAX_CURVE_POINTS))
    kept = points[::-1][::every][::-1]
    first = points[:1] if kept[:1] != points[:1] else []
    seconds_, shares = zip(*(first + kept), strict=True) if points else ((), ())
    return SurvivalCurve(len({one.number for one in samples}), tuple(seconds_), tuple(shares))
