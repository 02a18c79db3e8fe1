"""Open tickets at the end of a day, counted by team and assignee.

Of today the open tickets are counted as they are, along two partial indexes. Of an earlier day a ticket that has
changed since counts as its last event before the end of that day left it, and a timer that has changed since by the
period that held that end.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, case, func, not_, or_, select, true, union_all

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
    """The open tickets of the whole desk in groups; those that are overdue, or due soon, are counted once each.

    What each ticket's timers say is one subquery, so that they are read once, in the order of their index.
    """
    tickets = open_at_end(reader, day)
    timers = _timers_by_ticket(reader, day, tickets)
    is_due_soon = or_(timers.c.due_soon > 0, and_(timers.c.resolution_due_soon > 0, tickets.c.status != Status.WAITING))
    counts = (
        func.count(),
        func.sum(case((tickets.c.created_at >= day.start, 1), else_=0)),
        func.sum(case((timers.c.overdue > 0, 1), else_=0)),
        func.sum(case((and_(timers.c.overdue == 0, is_due_soon), 1), else_=0)),
    )
    groups = (tickets.c.team, tickets.c.assignee)
    joined = select(*groups, *counts).outerjoin_from(tickets, timers, timers.c.number == tickets.c.number)
    rows = reader.session.execute(joined.group_by(*groups))
    return [OpenTickets(team, person, *map(int, numbers)) for team, person, *numbers in rows]


def first_overdue(reader: Reader, day: ReportDay, scope: ReportScope, *, limit: int) -> list[DueTicket]:
    tickets = open_at_end(reader, day)
    timers = _timers_at_end(reader, day, tickets)
    return _first_due(reader, tickets, timers, limit, _is_overdue(day, timers), _is_covered(tickets, scope))


def first_due_soon(reader: Reader, day: ReportDay, scope: ReportScope, *, limit: int) -> list[DueTicket]:
    tickets = open_at_end(reader, day)
    timers, late = _timers_at_end(reader, day, tickets), _timers_at_end(reader, day, tickets)
    is_late = select(late.c.number).where(late.c.number == tickets.c.number, _is_overdue(day, late)).exists()
    is_due_soon = and_(_has_warned(day, timers), or_(not_(_is_resolution(timers)), tickets.c.status != Status.WAITING))
    return _first_due(reader, tickets, timers, limit, is_due_soon, ~is_late, _is_covered(tickets, scope))


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


def _timers_by_ticket(reader: Reader, day: ReportDay, tickets: CTE) -> Subquery:
    """How many timers of each ticket were overdue and due soon; while it waits for the customer, its resolution timer
    is not due soon, and is counted apart."""
    timers = _timers_at_end(reader, day, tickets)
    due_soon, is_resolution = _has_warned(day, timers), _is_resolution(timers)
    timers_that = {
        "overdue": _is_overdue(day, timers),
        "due_soon": and_(due_soon, not_(is_resolution)),
        "resolution_due_soon": and_(due_soon, is_resolution),
    }
    counts = (func.sum(case((condition, 1), else_=0)).label(name) for name, condition in timers_that.items())
    return select(timers.c.number, *counts).group_by(timers.c.number).subquery()


def _timers_at_end(reader: Reader, day: ReportDay, tickets: CTE) -> Subquery:
    """The timers that were open at the end of the day, as they were then."""
    if day.is_today:
        return _select_timers(reader, TimerRow).where(is_open(TimerRow)).subquery()
    changed_at = func.coalesce(TimerRow.changed_at, TimerRow.started_at)
    unchanged = (changed_at < day.end, or_(TimerRow.closed_at.is_(None), TimerRow.closed_at >= day.end))
    changed = (SlaPeriod.since < day.end, SlaPeriod.until >= day.end)
    return union_all(
        _select_timers(reader, TimerRow).join(tickets, TimerRow.number == tickets.c.number).where(*unchanged),
        _select_timers(reader, SlaPeriod).join(tickets, SlaPeriod.number == tickets.c.number).where(*changed),
    ).subquery()


def _select_timers(
    reader: Reader, table: type[TimerRow | SlaPeriod]
) -> Select[int, TimerKind, datetime, datetime | None, int | None]:
    columns = (table.number, table.target, table.due_at, table.due_soon_at, table.remaining_s)
    return select(*columns).where(table.workspace_id == reader.workspace)


def _first_due(
    reader: Reader, tickets: CTE, timers: Subquery, limit: int, *which: ColumnElement[bool]
) -> list[DueTicket]:
    """A ticket may have several timers; the first of them counts."""
    query = (
        select(timers.c.due_at, tickets.c.number, tickets.c.assignee)
        .where(timers.c.number == tickets.c.number, *which)
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


def _is_overdue(day: ReportDay, timers: Subquery) -> ColumnElement[bool]:
    """Past its due time; a timer that was paused with time left until it closed was never late."""
    return and_(timers.c.due_at < day.last_moment, or_(timers.c.remaining_s.is_(None), timers.c.remaining_s < 0))


def _has_warned(day: ReportDay, timers: Subquery) -> ColumnElement[bool]:
    """The first warning is reached, the due time is not."""
    return and_(timers.c.due_at >= day.last_moment, timers.c.due_soon_at <= day.last_moment)


def _is_resolution(timers: Subquery) -> ColumnElement[bool]:
    return timers.c.target == TimerKind.RESOLUTION
