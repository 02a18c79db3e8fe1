"""How long tickets took, and in which state that time went by.

The time of a ticket is its TRT: from the report to the last reply of the final closing, which is its solution. It is
told twice, as time that passed and as open time, and belongs to the day of the solution.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median as median_of
from statistics import quantiles

from rules.calendars.calendars import measure
from rules.errors import DeskError
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.reports.daily import ENOUGH

SLOWEST = 5
MOST = 8_000  # so many are read and counted while somebody waits for the answer


class TooMany(DeskError):
    """The span holds more tickets than can be read at once."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"More than {most:,} tickets were resolved then, and `/report times` tells of no more at once: "
            "ask for fewer days, or for one team with `/report times team NAME`."
        )


@dataclass(frozen=True, slots=True)
class Stay:
    """The ticket was in that state from `since` on."""

    since: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Solved:
    """A ticket that is resolved, with the states it was in before, in order.

    `calendar` is that of its promise to resolve, a key of desk.yml ("" is day and night); None where nothing was
    promised, then its team's hours count.
    """

    number: int
    title: str
    type: str
    team: str
    by: str
    created_at: datetime
    resolved_at: datetime
    calendar: str | None = None
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True, slots=True)
class Took:
    """One ticket's time: what passed, and what of it was open."""

    number: int
    title: str
    by: str
    passed_s: int
    open_s: int


@dataclass(frozen=True, slots=True)
class Spread:
    """Half took no longer than the median, nine of ten no longer than `p90`; each as time that passed and open time."""

    n: int
    median_s: float
    p90_s: float
    open_median_s: float
    open_p90_s: float

    @property
    def is_small(self) -> bool:
        return self.n < ENOUGH


@dataclass(frozen=True, slots=True)
class Part:
    """The time of all these tickets that went by in one state."""

    status: Status
    passed_s: int
    open_s: int


@dataclass(frozen=True, slots=True)
class Times:
    """The time of all, by type (the most frequent first), the slowest ones, and where it went (the largest first)."""

    whole: Spread
    types: tuple[tuple[str, Spread], ...]
    slowest: tuple[Took, ...]
    parts: tuple[Part, ...]


def times(found: Sequence[Solved], policy: Policy) -> Times | None:
    """What these tickets took; None where there are none."""
    if not found:
        return None
    took = {one.number: took_of(one, policy) for one in found}
    types: dict[str, list[Took]] = defaultdict(list)
    for one in found:
        types[one.type].append(took[one.number])
    ordered = sorted(types.items(), key=lambda each: (-len(each[1]), each[0]))
    slowest = sorted(took.values(), key=lambda one: (-one.passed_s, one.number))[:SLOWEST]
    return Times(
        spread(took.values()),
        tuple((key, spread(some)) for key, some in ordered),
        tuple(slowest),
        parts(found, policy),
    )


def took_of(one: Solved, policy: Policy) -> Took:
    """The ticket's TRT."""
    passed = int((one.resolved_at - one.created_at).total_seconds())
    return Took(one.number, one.title, one.by, passed, _open_s(one, policy, one.created_at, one.resolved_at))


def spread(took: Iterable[Took]) -> Spread:
    """Of at least one; between two values the percentile lies on the straight line."""
    some = list(took)
    median, p90 = _spread([one.passed_s for one in some])
    open_median, open_p90 = _spread([one.open_s for one in some])
    return Spread(len(some), median, p90, open_median, open_p90)


def _spread(seconds: Sequence[int]) -> tuple[float, float]:
    """The median and the 90th percentile (inclusive: the smallest is 0 %, the largest 100 %)."""
    ninetieth = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else float(seconds[0])
    return float(median_of(seconds)), ninetieth


def parts(found: Iterable[Solved], policy: Policy) -> tuple[Part, ...]:
    """Each state's sum over these tickets; they add up to the time that all of them took."""
    passed, opened = Counter[Status](), Counter[Status]()
    for one in found:
        stays = [stay for stay in one.stays if stay.since < one.resolved_at]
        ends = [stay.since for stay in stays[1:]] + [one.resolved_at]
        for stay, end in zip(stays, ends, strict=True) if stays else ():
            passed[stay.status] += int((end - stay.since).total_seconds())
            opened[stay.status] += _open_s(one, policy, stay.since, end)
    made = [Part(status, passed[status], opened[status]) for status in Status if passed[status]]
    return tuple(sorted(made, key=lambda part: (-part.open_s, -part.passed_s)))


def _open_s(one: Solved, policy: Policy, start: datetime, end: datetime) -> int:
    calendar = policy.calendar_of(one.team) if one.calendar is None else policy.calendar(one.calendar)
    return measure(calendar, start, end)
