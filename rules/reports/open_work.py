"""Open work by assignee and by day created; a count, never a ranking of people."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.reports.daily import DailyReport

DayCount = tuple[date, int]


@dataclass(frozen=True, slots=True)
class CreatedOnDay:
    """How many open tickets of a team and an assignee (None: unassigned) were created on one local day."""

    team: str
    person: str | None
    day: date
    count: int


@dataclass(frozen=True, slots=True)
class AssigneeWork:
    """One person's open and resolved tickets; `person` is None for unassigned tickets.

    `days` counts the open ones by the day they were created, the newest first.
    """

    person: str | None
    days: tuple[DayCount, ...] = ()
    overdue: int = 0
    due_soon: int = 0
    resolved: int = 0

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


def open_work_by_assignee(report: DailyReport, days: Sequence[CreatedOnDay]) -> OpenWork:
    """`days` are those of the same scope."""
    created: dict[str | None, Counter[date]] = defaultdict(Counter)
    for one in days:
        created[one.person or None][one.day] += one.count
    counts = {one.person or None: one for one in report.by_assignee}
    resolved: Counter[str | None] = Counter(dict(report.resolved_by))
    rows = {
        person: AssigneeWork(
            person,
            tuple(sorted(created[person].items(), reverse=True)),
            counts[person].overdue if person in counts else 0,
            counts[person].due_soon if person in counts else 0,
            resolved[person],
        )
        for person in {None, *counts, *resolved}
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


def _top_people(counted: Mapping[str, int]) -> TopPeople:
    many = max(counted.values(), default=0)
    return TopPeople(tuple(sorted(who for who, one in counted.items() if one == many)), many) if many else TopPeople()
