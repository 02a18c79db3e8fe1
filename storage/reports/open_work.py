"""Open tickets at the end of a day, counted by team and assignee.

Of today the open tickets are counted as they are, along two partial indexes. Of an earlier day a ticket that has
changed since counts as its last event before the end of that day left it, and a timer that has changed since by the
period that held that end.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, case, func, or_, select, true, union_all

from rules.model.tickets import DONE_STATUSES, Status
from rules.model.timers import TimerKind
from rules.reports.daily import DueTicket, OpenTickets, ReportDay, ReportScope
from rules.reports.open_work import CreatedOnDay
from storage.reports.local_days import local_day
from storage.schema.columns import same_ticket
from storage.schema.sla import SlaPeriod
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.sla.timers import is_open
from storage.transaction import Reader

_DONE = tuple(sorted(DONE_STATUSES))


def open_tickets(reader: Reader, day: ReportDay) -> list[OpenTickets]:
    """The open tickets of the whole desk in groups; those that are overdue, or due soon, are counted once each."""
    tickets = open_at_end(reader, day)
    timers, of_ticket = _timers_at_end(reader, day, tickets)
    overdue = func.min(case((_is_overdue(day, timers), timers.c.due_at))).label("overdue")
    due_soon = func.min(case((_is_due_soon(day, tickets, timers), timers.c.due_at))).label("due_soon")
    columns = (tickets.c.team, tickets.c.assignee, tickets.c.number, tickets.c.created_at)
    each = (
        select(*columns, overdue, due_soon)
        .select_from(tickets)
        .outerjoin(timers, of_ticket)
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
    timers, of_ticket = _timers_at_end(reader, day, tickets)
    return _first_due(reader, tickets, timers, limit, of_ticket, _is_overdue(day, timers), _is_covered(tickets, scope))


def first_due_soon(reader: Reader, day: ReportDay, scope: ReportScope, *, limit: int) -> list[DueTicket]:
    tickets = open_at_end(reader, day)
    timers, of_ticket = _timers_at_end(reader, day, tickets)
    late, is_same_ticket = _timers_at_end(reader, day, tickets)
    is_late = select(late.c.number).where(is_same_ticket, _is_overdue(day, late)).exists()
    conditions = (of_ticket, _is_due_soon(day, tickets, timers), ~is_late, _is_covered(tickets, scope))
    return _first_due(reader, tickets, timers, limit, *conditions)


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


def open_at_end(reader: Reader, day: ReportDay) -> CTE:
    """The tickets that were open at the end of the day: number, team, assignee, status, created_at."""
    is_open = (Ticket.workspace_id == reader.workspace, Ticket.resolved_at.is_(None), Ticket.status.not_in(_DONE))
    now = select(Ticket.number, Ticket.team, Ticket.assignee, Ticket.status, Ticket.created_at).where(*is_open)
    if day.is_today:
        return now.where(Ticket.created_at < day.end).cte("open_tickets")
    changed = select(Event.number).where(Event.workspace_id == reader.workspace, Event.at >= day.end)
    unchanged = now.where(Ticket.created_at < day.end, Ticket.number.not_in(changed))
    return union_all(unchanged, _before_change(reader, day, changed)).cte("open_tickets")


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


def _timers_at_end(reader: Reader, day: ReportDay, tickets: CTE) -> tuple[FromClause, ColumnElement[bool]]:
    """The timers that were open at the end of the day, as they were then, and which of them are a ticket's."""
    if day.is_today:
        running = TimerRow.__table__.alias()
        of_ticket = (running.c.workspace_id == reader.workspace, running.c.number == tickets.c.number)
        return running, and_(*of_ticket, is_open(running.c))
    changed_at = func.coalesce(TimerRow.changed_at, TimerRow.started_at)
    unchanged = (changed_at < day.end, or_(TimerRow.closed_at.is_(None), TimerRow.closed_at >= day.end))
    changed = (SlaPeriod.since < day.end, SlaPeriod.until >= day.end)
    then = union_all(
        _select_timers(reader, TimerRow, tickets).where(*unchanged),
        _select_timers(reader, SlaPeriod, tickets).where(*changed),
    ).subquery()
    return then, then.c.number == tickets.c.number


def _select_timers(
    reader: Reader, table: type[TimerRow | SlaPeriod], tickets: CTE
) -> Select[int, TimerKind, datetime, datetime | None, int | None]:
    columns = (table.number, table.target, table.due_at, table.due_soon_at, table.remaining_s)
    of_ticket = (table.workspace_id == reader.workspace) & (table.number == tickets.c.number)
    return select(*columns).join(tickets, of_ticket)


def _first_due(
    reader: Reader, tickets: CTE, timers: FromClause, limit: int, *which: ColumnElement[bool]
) -> list[DueTicket]:
    """A ticket may have several timers; the first of them counts."""
    query = (
        select(timers.c.due_at, tickets.c.number, tickets.c.assignee)
        .where(*which)
        .order_by(timers.c.due_at, timers.c.number)
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


def _is_covered(tickets: CTE, scope: ReportScope) -> ColumnElement[bool]:
    if scope.person is not None:
        return tickets.c.assignee == scope.person
    return true() if scope.teams is None else tickets.c.team.in_(sorted(scope.teams))


def _is_overdue(day: ReportDay, timers: FromClause) -> ColumnElement[bool]:
    """Past its due time; a timer that was paused with time left until it closed was never late."""
    return and_(timers.c.due_at < day.last_moment, or_(timers.c.remaining_s.is_(None), timers.c.remaining_s < 0))


def _is_due_soon(day: ReportDay, tickets: CTE, timers: FromClause) -> ColumnElement[bool]:
    """The first warning is reached; while the ticket waits for the customer, its resolution timer is not due soon."""
    waits = and_(timers.c.target == TimerKind.RESOLUTION, tickets.c.status == Status.WAITING)
    return and_(timers.c.due_at >= day.last_moment, timers.c.due_soon_at <= day.last_moment, ~waits)
