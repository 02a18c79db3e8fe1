"""A day of the desk in numbers: what was reported, who holds how much, what is late, what was solved.

Every number is counted as of one moment, the end of the day, from how each ticket stood after its last event before it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendars.calendars import Calendar, day_bounds
from rules.calendars.timezones import zone
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from rules.model.tickets import DONE, Status
from rules.model.timers import Clock, ClockKind, ClockState
from rules.sla import timers

ENOUGH = 5  # a share of fewer is chance, not a figure
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: `start` is its first moment, `end` the first one after it; of today only what has passed."""

    date: date
    start: datetime
    end: datetime
    zone: str
    is_today: bool

    @property
    def last(self) -> datetime:
        """The moment as of which it is counted; what is due then is not late yet."""
        return self.end - _TICK


@dataclass(frozen=True, slots=True)
class Standing:
    """One ticket as it stood at the end of the day."""

    number: int
    title: str
    type: str
    first_line: str
    requester: str
    registered_by: str
    created_at: datetime
    status: Status
    team: str
    assignee: str | None
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A ticket that was filed or resolved that day, by whom, and with which team it was then."""

    number: int
    by: str
    team: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The experts' answer to one escalation."""

    number: int
    team: str
    from_team: str
    by: str
    state: EscalationState


@dataclass(frozen=True, slots=True)
class Facts:
    """What one day's report is counted from."""

    tickets: Mapping[int, Standing]
    filed: Sequence[Moved]
    resolved: Sequence[Moved]
    decided: Sequence[Decision]

    @property
    def teams(self) -> frozenset[str]:
        """Every team that this day tells of, described or not."""
        seen = (self.tickets.values(), self.filed, self.resolved, self.decided)
        return frozenset(one.team for some in seen for one in some)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose day: one person's, some teams', or the whole desk's when both are None."""

    teams: frozenset[str] | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """What one person has to do; `who` is None for what nobody has."""

    who: str | None
    today: int = 0
    earlier: int = 0
    overdue: int = 0
    near: int = 0

    @property
    def open(self) -> int:
        return self.today + self.earlier


@dataclass(frozen=True, slots=True)
class Due:
    """An open ticket and the moment that makes it late, or soon will."""

    number: int
    title: str
    assignee: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What one team of experts answered."""

    team: str
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    of: int

    @property
    def percent(self) -> int | None:
        """None where there are too few for a percentage to mean anything."""
        return round(100 * self.part / self.of) if self.of >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one day, largest first; `n` is how many tickets they speak of."""

    n: int
    reported: tuple[int, ...]
    by_type: tuple[tuple[str, int], ...]
    by_status: tuple[tuple[Status, int], ...]
    holders: tuple[Holder, ...]
    overdue: tuple[Due, ...]
    near: tuple[Due, ...]
    resolved: tuple[int, ...]
    resolved_by: tuple[tuple[str, int], ...]
    in_time: Share
    escalations: tuple[Decided, ...]

    @property
    def open(self) -> int:
        return sum(holder.open for holder in self.holders)


Test = Callable[[Standing, Clock, Day, Policy], bool]


def day_of(calendar: Calendar, day: date | None, now: datetime) -> Day:
    """That local day, today when none is named; of today, what happens at this very moment is the last that counts."""
    today = now.astimezone(zone(calendar.timezone)).date()
    start, end = day_bounds(calendar, day or today)
    return Day(day or today, start, min(end, now + _TICK), calendar.timezone, is_today=day in (None, today))


def count(facts: Facts, scope: Scope, day: Day, policy: Policy) -> Report:
    """The report of that day, for the scope.

    A ticket counts as reported for the team it was filed with, as open for the team that has it at the end, as
    resolved for the team that had it then; one resolved twice that day counts once, for who did it last.
    """
    reported = [facts.tickets[one.number] for one in facts.filed if _filed_in(scope, one, facts)]
    open_ = still_open(facts, scope)
    solved = {one.number: one.by for one in facts.resolved if _solved_in(scope, one)}
    overdue = _due(open_, day, policy, _late)
    late = {one.number for one in overdue}
    near = _due([one for one in open_ if one.number not in late], day, policy, _near)
    return Report(
        n=len({one.number for one in (*reported, *open_)} | solved.keys()),
        reported=tuple(sorted(one.number for one in reported)),
        by_type=_counted(one.type for one in reported),
        by_status=_in_order(one.status for one in reported),
        holders=_holders(open_, overdue, near, day),
        overdue=overdue,
        near=near,
        resolved=tuple(sorted(solved)),
        resolved_by=_counted(solved.values()),
        in_time=_in_time([facts.tickets[number] for number in solved if number in facts.tickets], day),
        escalations=_decisions(one for one in facts.decided if _decided_in(scope, one)),
    )


def still_open(facts: Facts, scope: Scope) -> list[Standing]:
    """What was not resolved at the end of the day, for the scope."""
    return [one for one in facts.tickets.values() if one.status not in DONE and _open_in(scope, one)]


def _filed_in(scope: Scope, filed: Moved, facts: Facts) -> bool:
    ticket = facts.tickets.get(filed.number)
    if ticket is None:
        return False
    if scope.person is not None:
        return scope.person in (ticket.requester, ticket.registered_by)
    return scope.teams is None or filed.team in scope.teams


def _open_in(scope: Scope, ticket: Standing) -> bool:
    if scope.person is not None:
        return ticket.assignee == scope.person
    return scope.teams is None or ticket.team in scope.teams


def _solved_in(scope: Scope, solved: Moved) -> bool:
    if scope.person is not None:
        return solved.by == scope.person
    return scope.teams is None or solved.team in scope.teams


def _decided_in(scope: Scope, decision: Decision) -> bool:
    if scope.person is not None:
        return decision.by == scope.person
    return scope.teams is None or bool({decision.team, decision.from_team} & scope.teams)


def _late(ticket: Standing, clock: Clock, day: Day, policy: Policy) -> bool:
    """Past its due time; a clock that stood still with time left until it was closed was never late."""
    stood_still = clock.remaining_s is not None and clock.remaining_s >= 0
    return clock.due_at < day.last and not stood_still


def _near(ticket: Standing, clock: Clock, day: Day, policy: Policy) -> bool:
    """The first of `warn_at` is passed; while the customer is asked, the resolution clock comes no nearer."""
    if clock.due_at < day.last or (clock.target is ClockKind.RESOLUTION and ticket.status is Status.WAITING):
        return False
    _, warned_at = timers.alert_moments(policy, clock)[0]
    return warned_at <= day.last


def _due(tickets: Iterable[Standing], day: Day, policy: Policy, test: Test) -> tuple[Due, ...]:
    """Those that pass the test on a clock that ran at the end of the day, the most urgent first."""
    found = []
    for ticket in tickets:
        moments = [one.due_at for one in ticket.clocks if _ran(one, day) and test(ticket, one, day, policy)]
        if moments:
            found.append(Due(ticket.number, ticket.title, ticket.assignee, min(moments)))
    return tuple(sorted(found, key=lambda one: (one.due_at, one.number)))


def _ran(clock: Clock, day: Day) -> bool:
    return clock.state is not ClockState.CANCELLED and (clock.closed_at is None or clock.closed_at >= day.end)


def _holders(tickets: Sequence[Standing], overdue: Sequence[Due], near: Sequence[Due], day: Day) -> tuple[Holder, ...]:
    new = Counter(one.assignee for one in tickets if one.created_at >= day.start)
    old = Counter(one.assignee for one in tickets if one.created_at < day.start)
    late, soon = Counter(one.assignee for one in overdue), Counter(one.assignee for one in near)
    holders = [Holder(who, new[who], old[who], late[who], soon[who]) for who in new.keys() | old.keys()]
    return tuple(sorted(holders, key=lambda one: (-one.open, one.who or "")))


def _in_time(solved: Sequence[Standing], day: Day) -> Share:
    """Of the promises to resolve that were closed that day, how many were kept."""
    closed = [
        clock.state
        for ticket in solved
        for clock in ticket.clocks
        if clock.target is ClockKind.RESOLUTION and clock.closed_at and day.start <= clock.closed_at < day.end
    ]
    return Share(closed.count(ClockState.MET), closed.count(ClockState.MET) + closed.count(ClockState.BREACHED))


def _decisions(decisions: Iterable[Decision]) -> tuple[Decided, ...]:
    counted = Counter((one.team, one.state) for one in decisions)
    teams = sorted({team for team, _ in counted})
    accepted, rejected = EscalationState.ACCEPTED, EscalationState.REJECTED
    return tuple(Decided(team, counted[team, accepted], counted[team, rejected]) for team in teams)


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda one: (-one[1], one[0])))


def _in_order(statuses: Iterable[Status]) -> tuple[tuple[Status, int], ...]:
    counted = Counter(statuses)
    return tuple((status, counted[status]) for status in Status if counted[status])
