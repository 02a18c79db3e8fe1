"""Open work by assignee and by day created; a count, never a ranking of people."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.calendars.timezones import local_date
from rules.model.policy import Policy
from rules.reports.daily import DayFacts, ReportDay, ReportScope, TicketSnapshot, build_daily_report, open_tickets
from rules.workload.workload import Workload

DayCount = tuple[date, int]
Workloads = Mapping[str, Workload]


@dataclass(frozen=True, slots=True)
class AssigneeWork:
    """One person's open and resolved tickets; `person` is None for unassigned tickets.

    `days` counts the open ones by the day they were created, the newest first. `minutes` is the remaining work on
    tickets that do not wait; None where it is not known, as on an earlier day.
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
    """The people with the highest count, all of them where several are equal; nobody for 0."""

    people: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Everyone with open or resolved tickets, the most first; `unassigned` tickets apart."""

    people: tuple[AssigneeWork, ...]
    unassigned: AssigneeWork
    most_open: TopPeople
    most_overdue: TopPeople

    @property
    def open(self) -> int:
        return self.unassigned.open + sum(one.open for one in self.people)


def open_work_by_assignee(
    facts: DayFacts, scope: ReportScope, day: ReportDay, policy: Policy, *, workloads: Workloads | None = None
) -> OpenWork:
    report = build_daily_report(facts, scope, day, policy)
    open_by_person: dict[str | None, list[TicketSnapshot]] = defaultdict(list)
    for ticket in open_tickets(facts, scope):
        open_by_person[ticket.assignee or None].append(ticket)
    overdue = Counter(one.assignee or None for one in report.overdue)
    due_soon = Counter(one.assignee or None for one in report.due_soon)
    resolved: Counter[str | None] = Counter(dict(report.resolved_by))
    rows = {
        person: AssigneeWork(
            person,
            _count_by_day(open_by_person[person], day),
            overdue[person],
            due_soon[person],
            resolved[person],
            _remaining_minutes(open_by_person[person], (workloads or {}).get(person or "")),
        )
        for person in {None, *open_by_person, *resolved}
    }
    unassigned = rows.pop(None)
    people = sorted(rows.values(), key=lambda one: (-one.open, -one.resolved, one.person or ""))
    most_open = _top_people({one.person or "": one.open for one in people})
    most_overdue = _top_people({one.person or "": one.overdue for one in people})
    return OpenWork(tuple(people), unassigned, most_open, most_overdue)


def newest_days(days: Sequence[DayCount], limit: int) -> tuple[Sequence[DayCount], int]:
    """The newest days, and the sum of the tickets before them; a single further day is listed instead."""
    if len(days) <= limit + 1:
        return days, 0
    return days[:limit], sum(many for _, many in days[limit:])


def _count_by_day(tickets: Sequence[TicketSnapshot], day: ReportDay) -> tuple[DayCount, ...]:
    filed = Counter(local_date(ticket.created_at, day.zone) for ticket in tickets)
    return tuple(sorted(filed.items(), reverse=True))


def _remaining_minutes(tickets: Sequence[TicketSnapshot], workload: Workload | None) -> int | None:
    if workload is None:
        return None
    numbers = {ticket.number for ticket in tickets}
    return round(sum(item.remaining_s for item in workload.workable_items if item.number in numbers) / 60)


def _top_people(counted: Mapping[str, int]) -> TopPeople:
    many = max(counted.values(), default=0)
    return TopPeople(tuple(sorted(who for who, one in counted.items() if one == many)), many) if many else TopPeople()
