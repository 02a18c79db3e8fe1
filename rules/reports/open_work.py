"""Who has how many to do, from which days; a count, and no ranking of blame."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.calendars.timezones import time_zone
from rules.model.policy import Policy
from rules.reports.daily import DayFacts, ReportDay, ReportScope, TicketSnapshot, build_daily_report, open_tickets
from rules.workload.workload import Workload

DayCount = tuple[date, int]


@dataclass(frozen=True, slots=True)
class AssigneeWork:
    """What one person has to do and did; `who` is None for what nobody has.

    `days` are the days on which it was filed, the newest first, each with how many. `minutes` is the work that is left
    of what can be worked on; None where that is not known, as of an earlier day.
    """

    person: str | None
    days: tuple[DayCount, ...] = ()
    overdue: int = 0
    due_soon: int = 0
    resolved: int = 0
    minutes: int | None = None

    @property
    def open(self) -> int:
        return sum(many for _, many in self.days)


@dataclass(frozen=True, slots=True)
class TopPeople:
    """Who have the most of something, all of them where several have as many, and how many that is; nobody has 0."""

    people: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Everyone who has or did something, the fullest first; `unheld` is what nobody has."""

    people: tuple[AssigneeWork, ...]
    unassigned: AssigneeWork
    most_open: TopPeople
    most_overdue: TopPeople

    @property
    def open(self) -> int:
        return self.unassigned.open + sum(one.open for one in self.people)


def open_work_by_assignee(
    facts: DayFacts,
    scope: ReportScope,
    day: ReportDay,
    policy: Policy,
    *,
    workloads: Mapping[str, Workload] | None = None,
) -> OpenWork:
    """The day's holders for the scope; `loads` are what people hold now, in all teams."""
    report = build_daily_report(facts, scope, day, policy)
    held: dict[str | None, list[TicketSnapshot]] = defaultdict(list)
    for ticket in open_tickets(facts, scope):
        held[ticket.assignee or None].append(ticket)
    late, soon = (Counter(one.assignee or None for one in some) for some in (report.overdue, report.due_soon))
    solved: Counter[str | None] = Counter(dict(report.resolved_by))
    rows = {
        who: AssigneeWork(
            who,
            _count_by_day(held[who], day),
            late[who],
            soon[who],
            solved[who],
            _remaining_minutes(held[who], (workloads or {}).get(who or "")),
        )
        for who in {None, *held, *solved}
    }
    unheld = rows.pop(None)
    people = sorted(rows.values(), key=lambda one: (-one.open, -one.resolved, one.person or ""))
    return OpenWork(
        tuple(people),
        unheld,
        _top_people({one.person or "": one.open for one in people}),
        _top_people({one.person or "": one.overdue for one in people}),
    )


def newest_days(days: Sequence[DayCount], limit: int) -> tuple[Sequence[DayCount], int]:
    """The newest of these days, and how many tickets are from before; one day alone is named rather than left over."""
    if len(days) <= limit + 1:
        return days, 0
    return days[:limit], sum(many for _, many in days[limit:])


def _count_by_day(tickets: Sequence[TicketSnapshot], day: ReportDay) -> tuple[DayCount, ...]:
    place = time_zone(day.zone)
    filed = Counter(ticket.created_at.astimezone(place).date() for ticket in tickets)
    return tuple(sorted(filed.items(), reverse=True))


def _remaining_minutes(tickets: Sequence[TicketSnapshot], workload: Workload | None) -> int | None:
    """The work left in these tickets; what waits for somebody else has none now."""
    if workload is None:
        return None
    numbers = {ticket.number for ticket in tickets}
    return round(sum(item.remaining_s for item in workload.workable_items if item.number in numbers) / 60)


def _top_people(counted: Mapping[str, int]) -> TopPeople:
    many = max(counted.values(), default=0)
    return TopPeople(tuple(sorted(who for who, one in counted.items() if one == many)), many) if many else TopPeople()
