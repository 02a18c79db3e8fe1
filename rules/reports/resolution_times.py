"""How long tickets took to resolve, and how much of that they spent in each status.

The resolution time runs from creation to the last reply of the final closing, which is the solution. It is given as
elapsed time and as business time, and belongs to the day of the solution.
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
from rules.text import _

SLOWEST_COUNT = 5
MAX_TICKETS = 8_000  # as many as are read and counted while a person waits


class TooManyTickets(Refused):
    """The span holds more tickets than can be read at once."""

    def __init__(self, most: int) -> None:
        super().__init__(
            _(
                "More than {most} tickets were resolved then, too many for one report: "
                "ask for fewer days, or for one team with `/report times team NAME`.",
                most=f"{most:,}",
            )
        )


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """The ticket had this status from `since` on."""

    since: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class ResolvedTicket:
    """A resolved ticket with its earlier statuses, in order.

    `calendar` is that of its resolution target, a configured key ("" is day and night); None without a target, then its
    team's hours count.
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
    number: int
    title: str
    resolved_by: str
    elapsed_s: int
    business_s: int


@dataclass(frozen=True, slots=True)
class ResolutionSpread:
    """The median and the 90th percentile, each as elapsed and as business time."""

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
    status: Status
    elapsed_s: int
    business_s: int


@dataclass(frozen=True, slots=True)
class ResolutionTimes:
    """By type (the most frequent first), the slowest tickets, and the time by status (the largest first)."""

    whole: ResolutionSpread
    by_type: tuple[tuple[str, ResolutionSpread], ...]
    slowest: tuple[ResolutionTime, ...]
    by_status: tuple[StatusTime, ...]


def summarise_resolution_times(tickets: Sequence[ResolvedTicket], policy: Policy) -> ResolutionTimes | None:
    if not tickets:
        return None
    took = {ticket.number: resolution_time(ticket, policy) for ticket in tickets}
    types: dict[str, list[ResolutionTime]] = defaultdict(list)
    for ticket in tickets:
        types[ticket.type].append(took[ticket.number])
    ordered = sorted(types.items(), key=lambda each: (-len(each[1]), each[0]))
    slowest = sorted(took.values(), key=lambda one: (-one.elapsed_s, one.number))[:SLOWEST_COUNT]
    by_type = tuple((key, resolution_spread(group)) for key, group in ordered)
    return ResolutionTimes(resolution_spread(took.values()), by_type, tuple(slowest), time_by_status(tickets, policy))


def resolution_time(ticket: ResolvedTicket, policy: Policy) -> ResolutionTime:
    passed = int((ticket.resolved_at - ticket.created_at).total_seconds())
    counted = _business_seconds(ticket, policy, ticket.created_at, ticket.resolved_at)
    return ResolutionTime(ticket.number, ticket.title, ticket.resolved_by, passed, counted)


def resolution_spread(took: Iterable[ResolutionTime]) -> ResolutionSpread:
    """Needs at least one ticket; percentiles are interpolated linearly."""
    times = list(took)
    median, p90 = _median_and_p90([one.elapsed_s for one in times])
    open_median, open_p90 = _median_and_p90([one.business_s for one in times])
    return ResolutionSpread(len(times), median, p90, open_median, open_p90)


def _median_and_p90(seconds: Sequence[int]) -> tuple[float, float]:
    """The 90th percentile is inclusive: the smallest value is 0 %, the largest 100 %."""
    ninetieth = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else float(seconds[0])
    return float(median_of(seconds)), ninetieth


def time_by_status(tickets: Iterable[ResolvedTicket], policy: Policy) -> tuple[StatusTime, ...]:
    """The sums add up to the resolution times of all tickets."""
    passed, opened = Counter[Status](), Counter[Status]()
    for one in tickets:
        stays = [stay for stay in one.status_periods if stay.since < one.resolved_at]
        ends = [stay.since for stay in stays[1:]] + [one.resolved_at]
        for stay, end in zip(stays, ends, strict=True) if stays else ():
            passed[stay.status] += int((end - stay.since).total_seconds())
            opened[stay.status] += _business_seconds(one, policy, stay.since, end)
    totals = [StatusTime(status, passed[status], opened[status]) for status in Status if passed[status]]
    return tuple(sorted(totals, key=lambda part: (-part.business_s, -part.elapsed_s)))


def _business_seconds(ticket: ResolvedTicket, policy: Policy, start: datetime, end: datetime) -> int:
    calendar = policy.team_calendar(ticket.team) if ticket.calendar is None else policy.calendar(ticket.calendar)
    return business_seconds_between(calendar, start, end)
