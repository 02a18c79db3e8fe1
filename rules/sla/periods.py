"""How long the values of an SLA timer counted: the report of a past day reads those that counted at its end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import Protocol

from rules.model.timers import SlaTimer, TimerKind


class TimerValues(Protocol):
    """What reports read of a timer; its row in the database has the same."""

    @property
    def due_at(self) -> datetime: ...
    @property
    def due_soon_at(self) -> datetime | None: ...
    @property
    def remaining_s(self) -> int | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class TimerPeriod:
    """From `since` up to `until` the timer was open with these values; then it had others, or another took its place.

    `remaining_s` is set while it was paused.
    """

    target: TimerKind
    since: datetime
    until: datetime
    due_at: datetime
    due_soon_at: datetime | None
    remaining_s: int | None


@dataclass(frozen=True, slots=True)
class TimerHistory:
    """A timer, since when it is as it is, and the periods before that."""

    timer: SlaTimer
    changed_at: datetime
    periods: tuple[TimerPeriod, ...] = ()


_values = attrgetter("due_at", "due_soon_at", "remaining_s")


def is_superseded(before: TimerValues, after: TimerValues) -> bool:
    """Whether reports read something else from now on. A timer that ends does not: it says itself when it ended."""
    has_other_end = before.closed_at is not None and before.closed_at != after.closed_at
    return has_other_end or bool(_values(before) != _values(after))


def build_timer_history(states: Iterable[tuple[datetime, SlaTimer]]) -> TimerHistory:
    """The timer's history from each moment at which it may have changed, and how it was from then on."""
    (since, timer), *later = states
    periods = list[TimerPeriod]()
    for (_, before), (at, after) in pairwise([(since, timer), *later]):
        if is_superseded(before, after):
            until = before.closed_at or at
            if since < until:
                values = (before.due_at, before.due_soon_at, before.remaining_s)
                periods.append(TimerPeriod(before.target, since, until, *values))
            since = at
    return TimerHistory(later[-1][1] if later else timer, since, tuple(periods))
