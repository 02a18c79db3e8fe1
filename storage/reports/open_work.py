"""Open tickets at the end of a day, counted by team and assignee.

Of today the open tickets are counted as they are, along two partial indexes. Of an earlier day a ticket that has
changed since counts as its last event before the end of that day left it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, true, union_all

from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerKind, TimerState
from rules.reports.daily import DueTicket, OpenTickets, ReportDay, ReportScope
from rules.reports.open_work import CreatedOnDay
from storage.reports.local_days import local_day
from storage.schema.columns import same_ticket
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader

_DONE = tuple(sorted(DONE_STATUSES))


def open_tickets(reader: Reader, day: ReportDay) -> list[OpenTickets]:
    """The open tickets of the whole desk in groups; those that are overdue, or due soon, are counted once each."""
    tickets = open_at_end(reader, day)
    overdue = func.min(case((_is_overdue(day), TimerRow.due_at))).label("overdue")
    due_soon = func.min(case((_is_due_soon(day, tickets), TimerRow.due_at))).label("due_soon")
    columns = (tickets.c.team, tickets.c.assignee, tickets.c.number, tickets.c.created_at)
    each = (
        select(*columns, overdue, due_soon)
        .select_from(tickets)
        .outerjoin(TimerRow, _same_number(reader, tickets) & _ran_at_end(day))
        .group_by(*columns)
        .subquery()
    )
    counts = (
        func.count(),
        func.sum(case((each.c.created_at >= day.start, 1), else_=0)),
        func.count(each.c.overdue),
        func.sum(case((and_(each.c.overdue.is_(None), each.c.due_soon.is_not(None)), 1), else_=0)),
    )
    rows = reader.session.execute(select(each.c.team, each.c.assignee, *counts).group_by(each.c.team, each.c.assignee))
    return [OpenTickets(team, person, *map(int, numbers)) for team, person, *numbers in rows]


def first_overdue(reader: Reader, day: ReportDay, scope: ReportScope, *, limit: int) -> list[DueTicket]:
    tickets = open_at_end(reader, day)
    return _first_due(reader, day, tickets, limit, _is_overdue(day), _is_covered(tickets, scope))


def first_due_soon(reader: Reader, day: ReportDay, scope: ReportScope, *, limit: int) -> list[DueTicket]:
    tickets = open_at_end(reader, day)
    late = TimerRow.__table__.alias("late")
    is_late = select(late.c.number).where(
        late.c.workspace_id == reader.workspace, late.c.number == tickets.c.number, _is_overdue(day, late.c)
    )
    only_soon = and_(_is_due_soon(day, tickets), ~is_late.where(_ran_at_end(day, late.c)).exists())
    return _first_due(reader, day, tickets, limit, only_soon, _is_covered(tickets, scope))


def days_created(reader: Reader, day: ReportDay, scope: ReportScope) -> list[CreatedOnDay]:
    """The open tickets by the local day on which they were created."""
    tickets = open_at_end(reader, day)
    first = reader.session.scalar(select(func.min(tickets.c.created_at)))
    if first is None:
        return []
    created_on: ColumnElement[date] = local_day(reader, tickets.c.created_at, day.zone, first, day.end).label("day")
    groups = (tickets.c.team, tickets.c.assignee, created_on)
    query = select(*groups, func.count()).where(_is_covered(tickets, scope)).group_by(*groups)
    return [CreatedOnDay(team, who, on, count) for team, who, on, count in reader.session.execute(query)]


def open_at_end(reader: Reader, day: ReportDay) -> Subquery:
    """The tickets that were open at the end of the day: number, team, assignee, status, created_at."""
    is_open = (Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), Ticket.status.not_in(_DONE))
    now = select(Ticket.number, Ticket.team, Ticket.assignee, Ticket.status, Ticket.created_at).where(*is_open)
    if day.is_today:
        return now.where(Ticket.created_at < day.end).subquery("open_tickets")
    changed = select(Event.number).where(Event.workspace_id == reader.workspace, Event.at >= day.end)
    unchanged = now.where(Ticket.created_at < day.end, Ticket.number.not_in(changed))
    return union_all(unchanged, _before_change(reader, day, changed)).subquery("open_tickets")


def _before_change(
    reader: Reader, day: ReportDay, changed: Select[int]
) -> Select[int, str, str | None, Status, datetime]:
    later = Event.__table__.alias("later")
    same = (later.c.workspace_id == Ticket.workspace_id, later.c.number == Ticket.number, later.c.at < day.end)
    last_seq = select(func.max(later.c.seq)).where(*same).correlate(Ticket).scalar_subquery()
    return (
        select(Ticket.number, Event.team, Event.assignee, Event.status, Ticket.created_at)
        .join(Event, same_ticket(Event, Ticket) & (Event.seq == last_seq))
        .where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(changed), Ticket.created_at < day.end)
        .where(or_(Ticket.resolved_at.is_(None), Ticket.resolved_at >= day.start), Event.status.not_in(_DONE))
    )


def _first_due(
    reader: Reader, day: ReportDay, tickets: Subquery, limit: int, *which: ColumnElement[bool]
) -> list[DueTicket]:
    """A ticket may have several timers; the first of them counts."""
    query = (
        select(TimerRow.due_at, tickets.c.number, tickets.c.assignee)
        .join(tickets, _same_number(reader, tickets))
        .where(TimerRow.workspace_id == reader.workspace, _ran_at_end(day), *which)
        .order_by(TimerRow.due_at, TimerRow.number)
        .limit(limit * len(TimerKind))
    )
    first: dict[int, tuple[datetime, str | None]] = {}
    for due_at, number, assignee in reader.session.execute(query):
        first.setdefault(number, (due_at, assignee))
    numbers = list(first)[:limit]
    titles = _titles(reader, numbers)
    return [DueTicket(number, titles[number], first[number][1], first[number][0]) for number in numbers]


def _titles(reader: Reader, numbers: Sequence[int]) -> dict[int, str]:
    titled = select(Ticket.number, Ticket.title).where(
        Ticket.workspace_id == reader.workspace, Ticket.number.in_(numbers)
    )
    return dict(reader.session.execute(titled).all())


def _is_covered(tickets: Subquery, scope: ReportScope) -> ColumnElement[bool]:
    if scope.person is not None:
        return tickets.c.assignee == scope.person
    return true() if scope.teams is None else tickets.c.team.in_(sorted(scope.teams))


def _same_number(reader: Reader, tickets: Subquery) -> ColumnElement[bool]:
    return (TimerRow.workspace_id == reader.workspace) & (TimerRow.number == tickets.c.number)


def _ran_at_end(day: ReportDay, timer: Any = TimerRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias
    if day.is_today:
        return timers.is_open(timer)
    return and_(timer.state != TimerState.CANCELLED, or_(timer.closed_at.is_(None), timer.closed_at >= day.end))


def _is_overdue(day: ReportDay, timer: Any = TimerRow) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias
    """Past its due time; a timer that was paused with time left until it closed was never late."""
    return and_(timer.due_at < day.last_moment, or_(timer.remaining_s.is_(None), timer.remaining_s < 0))


def _is_due_soon(day: ReportDay, tickets: Subquery) -> ColumnElement[bool]:
    """The first warning is reached; while the ticket waits for the customer, its resolution timer is not due soon."""
    waits = and_(TimerRow.target == TimerKind.RESOLUTION, tickets.c.status == Status.WAITING)
    return and_(TimerRow.due_at >= day.last_moment, TimerRow.due_soon_at <= day.last_moment, ~waits)
