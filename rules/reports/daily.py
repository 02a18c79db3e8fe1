"""A day's figures: tickets created, open, overdue, resolved and escalated.

Every figure is counted as of the end of the day, from each ticket's values after its last event before it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.calendars.calendars import Calendar, day_bounds
from rules.calendars.timezones import local_date
from rules.escalations.escalations import EscalationState
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.sla import timers

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
    """One ticket at the end of the day."""

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
    timers: tuple[SlaTimer, ...] = ()


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
class DayFacts:
    tickets: Mapping[int, TicketSnapshot]
    filed: Sequence[TicketAction]
    resolved: Sequence[TicketAction]
    decisions: Sequence[ExpertDecision]

    @property
    def teams(self) -> frozenset[str]:
        seen = (self.tickets.values(), self.filed, self.resolved, self.decisions)
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
    overdue: tuple[DueTicket, ...]
    due_soon: tuple[DueTicket, ...]
    resolved: tuple[int, ...]
    resolved_by: tuple[tuple[str, int], ...]
    in_time: Ratio
    escalations: tuple[ExpertDecisionCounts, ...]

    @property
    def open(self) -> int:
        return sum(count.open for count in self.by_assignee)


TimerTest = Callable[[TicketSnapshot, SlaTimer, ReportDay, Policy], bool]


def report_day(calendar: Calendar, day: date | None, now: datetime) -> ReportDay:
    today = local_date(now, calendar.timezone)
    start, end = day_bounds(calendar, day or today)
    return ReportDay(day or today, start, min(end, now + _TICK), calendar.timezone, is_today=day in (None, today))


def build_daily_report(facts: DayFacts, scope: ReportScope, day: ReportDay, policy: Policy) -> DailyReport:
    """A ticket counts as created for the team it was filed with, as open for its team at the end of the day, as
    resolved for its team then; one resolved twice that day counts once, for the last resolver."""
    reported = [facts.tickets[one.number] for one in facts.filed if _is_created_in(scope, one, facts)]
    still_open = open_tickets(facts, scope)
    resolvers = {one.number: one.by for one in facts.resolved if scope.covers([one.by], [one.team])}
    overdue = _find_due_tickets(still_open, day, policy, _is_overdue)
    overdue_numbers = {one.number for one in overdue}
    others = [one for one in still_open if one.number not in overdue_numbers]
    due_soon = _find_due_tickets(others, day, policy, _is_due_soon)
    return DailyReport(
        n=len({one.number for one in (*reported, *still_open)} | resolvers.keys()),
        created=tuple(sorted(one.number for one in reported)),
        by_type=_count_values(one.type for one in reported),
        by_status=_count_statuses(one.status for one in reported),
        by_assignee=_count_by_assignee(still_open, overdue, due_soon, day),
        overdue=overdue,
        due_soon=due_soon,
        resolved=tuple(sorted(resolvers)),
        resolved_by=_count_values(resolvers.values()),
        in_time=_in_time_ratio([facts.tickets[number] for number in resolvers if number in facts.tickets], day),
        escalations=_count_decisions(
            one for one in facts.decisions if scope.covers([one.by], [one.team, one.from_team])
        ),
    )


def open_tickets(facts: DayFacts, scope: ReportScope) -> list[TicketSnapshot]:
    still_open = (one for one in facts.tickets.values() if one.status not in DONE_STATUSES)
    return [one for one in still_open if scope.covers([one.assignee], [one.team])]


def _is_created_in(scope: ReportScope, action: TicketAction, facts: DayFacts) -> bool:
    ticket = facts.tickets.get(action.number)
    return ticket is not None and scope.covers([ticket.requester, ticket.registered_by], [action.team])


def _is_overdue(ticket: TicketSnapshot, timer: SlaTimer, day: ReportDay, policy: Policy) -> bool:
    """Past its due time; a timer that was paused with time left until it closed was never late."""
    return timer.due_at < day.last_moment and (timer.remaining_s is None or timer.remaining_s < 0)


def _is_due_soon(ticket: TicketSnapshot, timer: SlaTimer, day: ReportDay, policy: Policy) -> bool:
    """The first warning is reached; while the ticket waits for the customer, its resolution timer is not due soon."""
    if timer.due_at < day.last_moment or (timer.target is TimerKind.RESOLUTION and ticket.status is Status.WAITING):
        return False
    _, warned_at = timers.alert_moments(policy, timer)[0]
    return warned_at <= day.last_moment


def _find_due_tickets(
    tickets: Iterable[TicketSnapshot], day: ReportDay, policy: Policy, test: TimerTest
) -> tuple[DueTicket, ...]:
    """Tickets whose timer ran at the end of the day and passes the test, the most urgent first."""
    due = []
    for ticket in tickets:
        moments = [one.due_at for one in ticket.timers if _ran_at_day_end(one, day) and test(ticket, one, day, policy)]
        if moments:
            due.append(DueTicket(ticket.number, ticket.title, ticket.assignee, min(moments)))
    return tuple(sorted(due, key=lambda one: (one.due_at, one.number)))


def _ran_at_day_end(timer: SlaTimer, day: ReportDay) -> bool:
    return timer.state is not TimerState.CANCELLED and (timer.closed_at is None or timer.closed_at >= day.end)


def _count_by_assignee(
    tickets: Sequence[TicketSnapshot], overdue: Sequence[DueTicket], due_soon: Sequence[DueTicket], day: ReportDay
) -> tuple[AssigneeCount, ...]:
    new = Counter(one.assignee for one in tickets if one.created_at >= day.start)
    old = Counter(one.assignee for one in tickets if one.created_at < day.start)
    late, soon = Counter(one.assignee for one in overdue), Counter(one.assignee for one in due_soon)
    counts = [AssigneeCount(who, new[who], old[who], late[who], soon[who]) for who in new.keys() | old.keys()]
    return tuple(sorted(counts, key=lambda one: (-one.open, one.person or "")))


def _in_time_ratio(solved: Sequence[TicketSnapshot], day: ReportDay) -> Ratio:
    """The share of resolution targets met among those closed that day."""
    closed = [
        timer.state
        for ticket in solved
        for timer in ticket.timers
        if timer.target is TimerKind.RESOLUTION and timer.closed_at and day.start <= timer.closed_at < day.end
    ]
    return Ratio(closed.count(TimerState.MET), closed.count(TimerState.MET) + closed.count(TimerState.BREACHED))


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
