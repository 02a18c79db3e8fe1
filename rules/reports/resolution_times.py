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

from rules.calendars.calendars import business_seconds_between
from rules.errors import Refused
from rules.model.policy import Policy
from rules.model.tickets import Status
from rules.reports.daily import MIN_SHARE_TOTAL

SLOWEST_COUNT = 5
MAX_TICKETS = 8_000  # so many are read and counted while somebody waits for the answer


class TooManyTickets(Refused):
    """The span holds more tickets than can be read at once."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"More than {most:,} tickets were resolved then, and `/report times` tells of no more at once: "
            "ask for fewer days, or for one team with `/report times team NAME`."
        )


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """The ticket was in that state from `since` on."""

    since: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """A ticket that is resolved, with the states it was in before, in order.

    `calendar` is that of its promise to resolve, a key of desk.yml ("" is day and night); None where nothing was
    promised, then its team's hours count.
    """

    number: int
    title: str
    type: str
    team: str
    resolved_by: str
    created_at: datetime
    resolved_at: datetime
    calendar: str | None = None
    status_periods: tuple[StatusPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class ResolutionTime:
    """One ticket's time: what passed, and what of it was open."""

    number: int
    title: str
    resolved_by: str
    elapsed_s: int
    business_s: int


@dataclass(frozen=True, slots=True)
class ResolutionSpread:
    """Half took no longer than the median, nine of ten no longer than `p90`; each as time that passed and open time."""

    n: int
    median_s: float
    p90_s: float
    business_median_s: float
    business_p90_s: float

    @property
    def is_small(self) -> bool:
        return self.n < MIN_SHARE_TOTAL


@dataclass(frozen=True, slots=True)
class StatusTime:
    """The time of all these tickets that went by in one state."""

    status: Status
    elapsed_s: int
    business_s: int


@dataclass(frozen=True, slots=True)
class ResolutionTimes:
    """The time of all, by type (the most frequent first), the slowest ones, and where it went (the largest first)."""

    whole: ResolutionSpread
    by_type: tuple[tuple[str, ResolutionSpread], ...]
    slowest: tuple[ResolutionTime, ...]
    by_status: tuple[StatusTime, ...]


def summarise_resolution_times(tickets: Sequence[ResolvedTicket], policy: Policy) -> ResolutionTimes | None:
    """What these tickets took; None where there are none."""
    if not tickets:
        return None
    took = {one.number: resolution_time(one, policy) for one in tickets}
    types: dict[str, list[ResolutionTime]] = defaultdict(list)
    for one in tickets:
        types[one.type].append(took[one.number])
    ordered = sorted(types.items(), key=lambda each: (-len(each[1]), each[0]))
    slowest = sorted(took.values(), key=lambda one: (-one.elapsed_s, one.number))[:SLOWEST_COUNT]
    return ResolutionTimes(
        resolution_spread(took.values()),
        tuple((key, resolution_spread(some)) for key, some in ordered),
        tuple(slowest),
        time_by_status(tickets, policy),
    )


def resolution_time(ticket: ResolvedTicket, policy: Policy) -> ResolutionTime:
    """The ticket's TRT."""
    passed = int((ticket.resolved_at - ticket.created_at).total_seconds())
    return ResolutionTime(
        ticket.number,
        ticket.title,
        ticket.resolved_by,
        passed,
        _business_seconds(ticket, policy, ticket.created_at, ticket.resolved_at),
    )


def resolution_spread(took: Iterable[ResolutionTime]) -> ResolutionSpread:
    """Of at least one; between two values the percentile lies on the straight line."""
    some = list(took)
    median, p90 = _median_and_p90([one.elapsed_s for one in some])
    open_median, open_p90 = _median_and_p90([one.business_s for one in some])
    return ResolutionSpread(len(some), median, p90, open_median, open_p90)


def _median_and_p90(seconds: Sequence[int]) -> tuple[float, float]:
    """The median and the 90th percentile (inclusive: the smallest is 0 %, the largest 100 %)."""
    ninetieth = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else float(seconds[0])
    return float(median_of(seconds)), ninetieth


def time_by_status(tickets: Iterable[ResolvedTicket], policy: Policy) -> tuple[StatusTime, ...]:
    """Each state's sum over these tickets; they add up to the time that all of them took."""
    passed, opened = Counter[Status](), Counter[Status]()
    for one in tickets:
        stays = [stay for stay in one.status_periods if stay.since < one.resolved_at]
        ends = [stay.since for stay in stays[1:]] + [one.resolved_at]
        for stay, end in zip(stays, ends, strict=True) if stays else ():
            passed[stay.status] += int((end - stay.since).total_seconds())
            opened[stay.status] += _business_seconds(one, policy, stay.since, end)
    made = [StatusTime(status, passed[status], opened[status]) for status in Status if passed[status]]
    return tuple(sorted(made, key=lambda part: (-part.business_s, -part.elapsed_s)))


def _business_seconds(ticket: ResolvedTicket, policy: Policy, start: datetime, end: datetime) -> int:
    calendar = policy.team_calendar(ticket.team) if ticket.calendar is None else policy.calendar(ticket.calendar)
    return business_seconds_between(calendar, start, end)
