"""Who has how many to do, from which days; a count, and no ranking of blame."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.calendars.timezones import zone
from rules.model.policy import Policy
from rules.reports.daily import Day, Facts, Scope, Standing, count, still_open
from rules.workload.workload import Load

Bucket = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Held:
    """What one person has to do and did; `who` is None for what nobody has.

    `days` are the days on which it was filed, the newest first, each with how many. `minutes` is the work that is left
    of what can be worked on; None where that is not known, as of an earlier day.
    """

    who: str | None
    days: tuple[Bucket, ...] = ()
    overdue: int = 0
    near: int = 0
    resolved: int = 0
    minutes: int | None = None

    @property
    def open(self) -> int:
        return sum(many for _, many in self.days)


@dataclass(frozen=True, slots=True)
class Most:
    """Who have the most of something, all of them where several have as many, and how many that is; nobody has 0."""

    people: tuple[str, ...] = ()
    many: int = 0


@dataclass(frozen=True, slots=True)
class Holders:
    """Everyone who has or did something, the fullest first; `unheld` is what nobody has."""

    people: tuple[Held, ...]
    unheld: Held
    most: Most
    most_overdue: Most

    @property
    def open(self) -> int:
        return self.unheld.open + sum(one.open for one in self.people)


def holders(
    facts: Facts, scope: Scope, day: Day, policy: Policy, *, loads: Mapping[str, Load] | None = None
) -> Holders:
    """The day's holders for the scope; `loads` are what people hold now, in all teams."""
    report = count(facts, scope, day, policy)
    held: dict[str | None, list[Standing]] = defaultdict(list)
    for ticket in still_open(facts, scope):
        held[ticket.assignee or None].append(ticket)
    late, soon = (Counter(one.assignee or None for one in some) for some in (report.overdue, report.near))
    solved: Counter[str | None] = Counter(dict(report.resolved_by))
    rows = {
        who: Held(
            who,
            _days(held[who], day),
            late[who],
            soon[who],
            solved[who],
            _minutes(held[who], (loads or {}).get(who or "")),
        )
        for who in {None, *held, *solved}
    }
    unheld = rows.pop(None)
    people = sorted(rows.values(), key=lambda one: (-one.open, -one.resolved, one.who or ""))
    return Holders(
        tuple(people),
        unheld,
        _most({one.who or "": one.open for one in people}),
        _most({one.who or "": one.overdue for one in people}),
    )


def newest(days: Sequence[Bucket], limit: int) -> tuple[Sequence[Bucket], int]:
    """The newest of these days, and how many tickets are from before; one day alone is named rather than left over."""
    if len(days) <= limit + 1:
        return days, 0
    return days[:limit], sum(many for _, many in days[limit:])


def _days(tickets: Sequence[Standing], day: Day) -> tuple[Bucket, ...]:
    place = zone(day.zone)
    filed = Counter(ticket.created_at.astimezone(place).date() for ticket in tickets)
    return tuple(sorted(filed.items(), reverse=True))


def _minutes(tickets: Sequence[Standing], load: Load | None) -> int | None:
    """The work left in these tickets; what waits for somebody else has none now."""
    if load is None:
        return None
    numbers = {ticket.number for ticket in tickets}
    return round(sum(item.left_s for item in load.at_hand if item.number in numbers) / 60)


def _most(counted: Mapping[str, int]) -> Most:
    many = max(counted.values(), default=0)
    return Most(tuple(sorted(who for who, one in counted.items() if one == many)), many) if many else Most()
