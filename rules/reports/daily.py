"""A day's figures: tickets created, open, overdue, resolved and escalated.

Every figure is counted as of the end of the day, from each ticket's values after its last event before it. The database
counts what is open (storage/reports/open_work.py); what the day itself brought is counted here.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendars.calendars import Calendar, day_bounds
from rules.calendars.timezones import local_date
from rules.escalations.escalations import EscalationState
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerState

MIN_SHARE_TOTAL = 5  # a percentage of fewer is chance
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ReportDay:
    """A local day: `start` is its first moment, `end` the first one after it; of today only what has passed."""

    date: date
    start: datetime
    end: datetime
    zone: str
    is_today: bool

    @property
    def last_moment(self) -> datetime:
        """The moment as of which it is counted; a ticket due then is not late yet."""
        return self.end - _TICK


@dataclass(frozen=True, slots=True)
class TicketSnapshot:
    """A ticket that was filed or resolved that day, as it was at the end of the day."""

    number: int
    type: str
    requester: str
    registered_by: str
    status: Status
    team: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class TicketAction:
    """A ticket that was filed or resolved that day, with the person and the team at that moment."""

    number: int
    by: str
    team: str


@dataclass(frozen=True, slots=True)
class ExpertDecision:
    number: int
    team: str
    from_team: str
    by: str
    state: EscalationState


@dataclass(frozen=True, slots=True)
class OpenTickets:
    """How many tickets of a team are open with one assignee at the end of the day; `person` is None for unassigned
    tickets. An overdue ticket is not due soon as well."""

    team: str
    person: str | None
    count: int
    today: int
    overdue: int
    due_soon: int


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What a day's figures are counted from: the tickets filed or resolved that day, and the open ones in groups."""

    touched: Mapping[int, TicketSnapshot]
    filed: Sequence[TicketAction]
    resolved: Sequence[TicketAction]
    decisions: Sequence[ExpertDecision]
    resolution_targets: Mapping[int, TimerState]
    open_tickets: Sequence[OpenTickets]

    @property
    def teams(self) -> frozenset[str]:
        seen = (self.touched.values(), self.filed, self.resolved, self.decisions, self.open_tickets)
        return frozenset(one.team for some in seen for one in some)


@dataclass(frozen=True, slots=True)
class ReportScope:
    """Whose figures: one person's, some teams', or the whole desk's when both are None."""

    teams: frozenset[str] | None = None
    person: str | None = None

    def covers(self, people: Collection[str | None], teams: Collection[str]) -> bool:
        """Whether one of these people, or of these teams, is meant."""
        if self.person is not None:
            return self.person in people
        return self.teams is None or not self.teams.isdisjoint(teams)


@dataclass(frozen=True, slots=True)
class AssigneeCount:
    """One person's open tickets; `person` is None for unassigned tickets."""

    person: str | None
    today: int = 0
    earlier: int = 0
    overdue: int = 0
    due_soon: int = 0

    @property
    def open(self) -> int:
        return self.today + self.earlier


@dataclass(frozen=True, slots=True)
class DueTicket:
    """An open ticket and the due time that makes it overdue or due soon."""

    number: int
    title: str
    assignee: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DueTickets:
    """How many tickets are overdue or due soon, and the first of them, the most urgent first."""

    count: int = 0
    first: tuple[DueTicket, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpertDecisionCounts:
    team: str
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Ratio:
    part: int
    total: int

    @property
    def percent(self) -> int | None:
        """None where there are too few for a percentage to mean anything."""
        return round(100 * self.part / self.total) if self.total >= MIN_SHARE_TOTAL else None


@dataclass(frozen=True, slots=True)
class DailyReport:
    """The figures of one day, largest first; `n` is how many tickets they cover."""

    n: int
    created: tuple[int, ...]
    by_type: tuple[tuple[str, int], ...]
    by_status: tuple[tuple[Status, int], ...]
    by_assignee: tuple[AssigneeCount, ...]
    overdue: DueTickets
    due_soon: DueTickets
    resolved: tuple[int, ...]
    resolved_by: tuple[tuple[str, int], ...]
    in_time: Ratio
    escalations: tuple[ExpertDecisionCounts, ...]

    @property
    def open(self) -> int:
        return sum(count.open for count in self.by_assignee)


def report_day(calendar: Calendar, day: date | None, now: datetime) -> ReportDay:
    today = local_date(now, calendar.timezone)
    start, end = day_bounds(calendar, day or today)
    return ReportDay(day or today, start, min(end, now + _TICK), calendar.timezone, is_today=day in (None, today))


def build_daily_report(
    facts: DayFacts,
    scope: ReportScope,
    *,
    overdue: Sequence[DueTicket] = (),
    due_soon: Sequence[DueTicket] = (),
) -> DailyReport:
    """A ticket counts as created for the team it was filed with, as open for its team at the end of the day, as
    resolved for its team then; one resolved twice that day counts once, for the last resolver.

    `overdue` and `due_soon` are the first of those in the scope.
    """
    reported = [facts.touched[one.number] for one in facts.filed if _is_created_in(scope, one, facts)]
    open_groups = [group for group in facts.open_tickets if scope.covers([group.person], [group.team])]
    resolvers = {one.number: one.by for one in facts.resolved if scope.covers([one.by], [one.team])}
    touched = {one.number for one in reported} | resolvers.keys()
    return DailyReport(
        n=sum(group.count for group in open_groups) + sum(not _is_open_in(scope, number, facts) for number in touched),
        created=tuple(sorted(one.number for one in reported)),
        by_type=_count_values(one.type for one in reported),
        by_status=_count_statuses(one.status for one in reported),
        by_assignee=_count_by_assignee(open_groups),
        overdue=DueTickets(sum(group.overdue for group in open_groups), tuple(overdue)),
        due_soon=DueTickets(sum(group.due_soon for group in open_groups), tuple(due_soon)),
        resolved=tuple(sorted(resolvers)),
        resolved_by=_count_values(resolvers.values()),
        in_time=_in_time_ratio([facts.resolution_targets[n] for n in resolvers if n in facts.resolution_targets]),
        escalations=_count_decisions(
            one for one in facts.decisions if scope.covers([one.by], [one.team, one.from_team])
        ),
    )


def _is_created_in(scope: ReportScope, action: TicketAction, facts: DayFacts) -> bool:
    ticket = facts.touched.get(action.number)
    return ticket is not None and scope.covers([ticket.requester, ticket.registered_by], [action.team])


def _is_open_in(scope: ReportScope, number: int, facts: DayFacts) -> bool:
    """Whether it is among the open tickets, which are counted already."""
    ticket = facts.touched.get(number)
    if ticket is None or ticket.status in DONE_STATUSES:
        return False
    return scope.covers([ticket.assignee], [ticket.team])


def _count_by_assignee(groups: Iterable[OpenTickets]) -> tuple[AssigneeCount, ...]:
    """Over all teams."""
    by_person: dict[str | None, list[OpenTickets]] = defaultdict(list)
    for group in groups:
        by_person[group.person].append(group)
    counts = [_sum_of_groups(person, groups) for person, groups in by_person.items()]
    return tuple(sorted(counts, key=lambda one: (-one.open, one.person or "")))


def _sum_of_groups(person: str | None, groups: Sequence[OpenTickets]) -> AssigneeCount:
    today = sum(group.today for group in groups)
    return AssigneeCount(
        person,
        today,
        sum(group.count for group in groups) - today,
        sum(group.overdue for group in groups),
        sum(group.due_soon for group in groups),
    )


def _in_time_ratio(states: Sequence[TimerState]) -> Ratio:
    """The share of resolution targets met among those closed that day."""
    met, breached = states.count(TimerState.MET), states.count(TimerState.BREACHED)
    return Ratio(met, met + breached)


def _count_decisions(decisions: Iterable[ExpertDecision]) -> tuple[ExpertDecisionCounts, ...]:
    counted = Counter((one.team, one.state) for one in decisions)
    teams = sorted({team for team, _ in counted})
    accepted, rejected = EscalationState.ACCEPTED, EscalationState.REJECTED
    return tuple(ExpertDecisionCounts(team, counted[team, accepted], counted[team, rejected]) for team in teams)


def _count_values(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda one: (-one[1], one[0])))


def _count_statuses(statuses: Iterable[Status]) -> tuple[tuple[Status, int], ...]:
    counted = Counter(statuses)
    return tuple((status, counted[status]) for status in Status if counted[status])
