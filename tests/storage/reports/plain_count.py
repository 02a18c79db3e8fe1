"""The figures of reports counted plainly: every ticket is read, and counted one by one.

Slow, and independent of the statements that reports run; they must agree.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rules.calendars.timezones import local_date
from rules.forecasts.history import TicketHistory
from rules.forecasts.work import handling_time_so_far
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerKind
from rules.reports.daily import AssigneeCount, DueTicket, ReportDay, ReportScope
from rules.sla import timers as sla_timers
from storage.forecasts import team_estimates, ticket_histories
from storage.schema.sla import SlaPeriod
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla.timers import timer_of
from storage.transaction import Reader, all_where

TimerTest = Callable[["TicketAtEnd", "TimerAtEnd", ReportDay], bool]


@dataclass(frozen=True)
class TimerAtEnd:
    """A timer that was open at the end of the day, as it was then."""

    target: TimerKind
    due_at: datetime
    due_soon_at: datetime | None
    remaining_s: int | None


@dataclass(frozen=True)
class TicketAtEnd:
    """A ticket as its last event before the end of the day left it, with its timers."""

    number: int
    title: str
    created_at: datetime
    status: Status
    team: str
    assignee: str | None
    timers: tuple[TimerAtEnd, ...]


@dataclass(frozen=True)
class PlainCount:
    by_assignee: tuple[AssigneeCount, ...]
    overdue: tuple[DueTicket, ...]
    due_soon: tuple[DueTicket, ...]
    days: Mapping[tuple[str, str | None, date], int]


def plain_count(reader: Reader, day: ReportDay, scope: ReportScope, policy: Policy) -> PlainCount:
    tickets = [one for one in _open_at_end(reader, day, policy) if scope.covers([one.assignee], [one.team])]
    overdue = _find_due_tickets(tickets, day, _is_overdue)
    numbers = {one.number for one in overdue}
    due_soon = _find_due_tickets([one for one in tickets if one.number not in numbers], day, _is_due_soon)
    days = Counter((one.team, one.assignee, local_date(one.created_at, day.zone)) for one in tickets)
    return PlainCount(_count_by_assignee(tickets, overdue, due_soon, day), overdue, due_soon, days)


def plain_minutes(reader: Reader, people: Sequence[str], *, policy: Policy, at: datetime) -> dict[str, tuple[int, int]]:
    """What remains of each person's open tickets, in minutes: what can be worked on, and what waits."""
    is_open = (Ticket.assignee.in_(people), Ticket.resolved_at.is_(None))
    tickets = all_where(reader, Ticket, *is_open, order_by=Ticket.number)
    begun: dict[tuple[str, str | None], list[TicketHistory]] = defaultdict(list)
    histories = {history.number: history for history in ticket_histories(reader, tickets)}
    for ticket in tickets:
        if ticket.status is not Status.ASSIGNED:
            begun[ticket.team, ticket.assignee].append(histories[ticket.number])
    spent: dict[int, float] = defaultdict(float)
    for (team, _person), of_person in begun.items():
        for (number, _step), seconds in handling_time_so_far(policy, team, of_person, at).items():
            spent[number] += seconds
    left: dict[tuple[str | None, bool], float] = defaultdict(float)
    for ticket in tickets:
        estimate = team_estimates(reader, ticket.team).handling_time.estimate_for(ticket.type)
        waits = ticket.status in (Status.WAITING, Status.ESCALATED)
        left[ticket.assignee, waits] += estimate.work_left_s(spent[ticket.number])
    return {person: (round(left[person, False] / 60), round(left[person, True] / 60)) for person in people}


def _open_at_end(reader: Reader, day: ReportDay, policy: Policy) -> list[TicketAtEnd]:
    found = []
    for ticket in all_where(reader, Ticket, order_by=Ticket.number):
        events = all_where(reader, Event, Event.number == ticket.number, Event.at < day.end, order_by=Event.seq)
        if events and events[-1].status not in DONE_STATUSES:
            state = (events[-1].status, events[-1].team, events[-1].assignee)
            timers = tuple(_timers_at_end(reader, ticket.number, day, policy))
            found.append(TicketAtEnd(ticket.number, ticket.title, ticket.created_at, *state, timers))
    return found


def _timers_at_end(reader: Reader, number: int, day: ReportDay, policy: Policy) -> Iterator[TimerAtEnd]:
    for row in all_where(reader, TimerRow, TimerRow.number == number):
        has_begun = (row.changed_at or row.started_at) < day.end
        if has_begun and (row.closed_at is None or (row.closed_at >= day.end and not day.is_today)):
            _, warned_at = sla_timers.alert_moments(policy, timer_of(row))[0]
            yield TimerAtEnd(row.target, row.due_at, warned_at, row.remaining_s)
    for period in all_where(reader, SlaPeriod, SlaPeriod.number == number):
        if period.since < day.end <= period.until and not day.is_today:
            yield TimerAtEnd(period.target, period.due_at, period.due_soon_at, period.remaining_s)


def _is_overdue(ticket: TicketAtEnd, timer: TimerAtEnd, day: ReportDay) -> bool:
    """Past its due time; a timer that was paused with time left was never late."""
    return timer.due_at < day.last_moment and (timer.remaining_s is None or timer.remaining_s < 0)


def _is_due_soon(ticket: TicketAtEnd, timer: TimerAtEnd, day: ReportDay) -> bool:
    """The first warning is reached; while the ticket waits for the customer, its resolution timer is not due soon."""
    if timer.due_at < day.last_moment or (timer.target is TimerKind.RESOLUTION and ticket.status is Status.WAITING):
        return False
    return timer.due_soon_at is not None and timer.due_soon_at <= day.last_moment


def _find_due_tickets(tickets: Iterable[TicketAtEnd], day: ReportDay, test: TimerTest) -> tuple[DueTicket, ...]:
    due = []
    for ticket in tickets:
        moments = [one.due_at for one in ticket.timers if test(ticket, one, day)]
        if moments:
            due.append(DueTicket(ticket.number, ticket.title, ticket.assignee, min(moments)))
    return tuple(sorted(due, key=lambda one: (one.due_at, one.number)))


def _count_by_assignee(
    tickets: Sequence[TicketAtEnd], overdue: Sequence[DueTicket], due_soon: Sequence[DueTicket], day: ReportDay
) -> tuple[AssigneeCount, ...]:
    new = Counter(one.assignee for one in tickets if one.created_at >= day.start)
    old = Counter(one.assignee for one in tickets if one.created_at < day.start)
    late, soon = Counter(one.assignee for one in overdue), Counter(one.assignee for one in due_soon)
    counts = [AssigneeCount(who, new[who], old[who], late[who], soon[who]) for who in new.keys() | old.keys()]
    return tuple(sorted(counts, key=lambda one: (-one.open, one.person or "")))
