"""The figures of reports counted plainly: every ticket is read, and counted one by one.

Slow, and independent of the statements that reports run; they must agree.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rules.calendars.timezones import local_date
from rules.forecasts.history import TicketHistory
from rules.forecasts.work import handling_time_so_far
from rules.model.policy import Policy
from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import SlaTimer, TimerKind, TimerState
from rules.reports.daily import AssigneeCount, DueTicket, ReportDay, ReportScope
from rules.sla import timers
from storage.forecasts import team_estimates, ticket_histories
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla.timers import timer_of
from storage.transaction import Reader, all_where

TimerTest = Callable[["TicketAtEnd", SlaTimer, ReportDay, Policy], bool]


@dataclass(frozen=True)
class TicketAtEnd:
    """A ticket as its last event before the end of the day left it, with its timers as they are now."""

    number: int
    title: str
    created_at: datetime
    status: Status
    team: str
    assignee: str | None
    timers: tuple[SlaTimer, ...]


@dataclass(frozen=True)
class PlainCount:
    by_assignee: tuple[AssigneeCount, ...]
    overdue: tuple[DueTicket, ...]
    due_soon: tuple[DueTicket, ...]
    days: Mapping[tuple[str, str | None, date], int]


def plain_count(reader: Reader, day: ReportDay, scope: ReportScope, policy: Policy) -> PlainCount:
    tickets = [one for one in _open_at_end(reader, day) if scope.covers([one.assignee], [one.team])]
    overdue = _find_due_tickets(tickets, day, policy, _is_overdue)
    numbers = {one.number for one in overdue}
    due_soon = _find_due_tickets([one for one in tickets if one.number not in numbers], day, policy, _is_due_soon)
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


def _open_at_end(reader: Reader, day: ReportDay) -> list[TicketAtEnd]:
    found = []
    for ticket in all_where(reader, Ticket, order_by=Ticket.number):
        events = all_where(reader, Event, Event.number == ticket.number, Event.at < day.end, order_by=Event.seq)
        if events and events[-1].status not in DONE_STATUSES:
            rows = all_where(reader, TimerRow, TimerRow.number == ticket.number)
            state = (events[-1].status, events[-1].team, events[-1].assignee)
            found.append(
                TicketAtEnd(
                    ticket.number, ticket.title, ticket.created_at, *state, tuple(timer_of(row) for row in rows)
                )
            )
    return found


def _is_overdue(ticket: TicketAtEnd, timer: SlaTimer, day: ReportDay, policy: Policy) -> bool:
    """Past its due time; a timer that was paused with time left until it closed was never late."""
    return timer.due_at < day.last_moment and (timer.remaining_s is None or timer.remaining_s < 0)


def _is_due_soon(ticket: TicketAtEnd, timer: SlaTimer, day: ReportDay, policy: Policy) -> bool:
    """The first warning is reached; while the ticket waits for the customer, its resolution timer is not due soon."""
    if timer.due_at < day.last_moment or (timer.target is TimerKind.RESOLUTION and ticket.status is Status.WAITING):
        return False
    _, warned_at = timers.alert_moments(policy, timer)[0]
    return warned_at <= day.last_moment


def _find_due_tickets(
    tickets: Iterable[TicketAtEnd], day: ReportDay, policy: Policy, test: TimerTest
) -> tuple[DueTicket, ...]:
    due = []
    for ticket in tickets:
        moments = [one.due_at for one in ticket.timers if _ran_at_day_end(one, day) and test(ticket, one, day, policy)]
        if moments:
            due.append(DueTicket(ticket.number, ticket.title, ticket.assignee, min(moments)))
    return tuple(sorted(due, key=lambda one: (one.due_at, one.number)))


def _ran_at_day_end(timer: SlaTimer, day: ReportDay) -> bool:
    return timer.state is not TimerState.CANCELLED and (timer.closed_at is None or timer.closed_at >= day.end)


def _count_by_assignee(
    tickets: Sequence[TicketAtEnd], overdue: Sequence[DueTicket], due_soon: Sequence[DueTicket], day: ReportDay
) -> tuple[AssigneeCount, ...]:
    new = Counter(one.assignee for one in tickets if one.created_at >= day.start)
    old = Counter(one.assignee for one in tickets if one.created_at < day.start)
    late, soon = Counter(one.assignee for one in overdue), Counter(one.assignee for one in due_soon)
    counts = [AssigneeCount(who, new[who], old[who], late[who], soon[who]) for who in new.keys() | old.keys()]
    return tuple(sorted(counts, key=lambda one: (-one.open, one.person or "")))
