"""Figures of a team's summary: the day's events, and the open tickets with their timers."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from rules.model.timers import TimerState
from rules.reports.summaries import DayLoad, OpenTicket
from storage.events import EventKind
from storage.schema.columns import same_ticket
from storage.schema.tickets import Event, OutboxMessage, Ticket, TimerRow
from storage.transaction import Reader, first_where

_ASSIGNING_KINDS = (EventKind.CREATED, EventKind.ASSIGNED, EventKind.TAKEN, EventKind.ACCEPTED, EventKind.REASSIGNED)


def was_queued(reader: Reader, dedupe_key: str) -> bool:
    """Whether a message with this key was ever queued."""
    return first_where(reader, OutboxMessage.id, OutboxMessage.once == dedupe_key) is not None


def day_activity(reader: Reader, *, team: str, start: datetime, end: datetime) -> tuple[int, dict[str, DayLoad]]:
    """How many tickets the team got in [start, end), and per person what was assigned to them and what they resolved.

    A ticket counts once however often the same person got it; of several resolutions the last counts.
    """
    query = select(Event.kind, Event.number, Event.by, Event.assignee).where(
        Event.workspace_id == reader.workspace,
        Event.at >= start,
        Event.at < end,
        Event.kind.in_([str(kind) for kind in (*_ASSIGNING_KINDS, EventKind.RESOLVED)]),
        Event.team == team,
    )
    incoming, assigned, resolvers = 0, set[tuple[str, int]](), dict[int, str]()
    for kind, number, by, assignee in reader.session.execute(query.order_by(Event.number, Event.seq)):
        incoming += kind == EventKind.CREATED
        if kind == EventKind.RESOLVED:
            resolvers[number] = by
        elif assignee:
            assigned.add((assignee, number))
    assigned_counts, resolved_counts = Counter(person for person, _ in assigned), Counter(resolvers.values())
    return incoming, {
        person: DayLoad(new=assigned_counts[person], done=resolved_counts[person])
        for person in assigned_counts | resolved_counts
    }


def open_by_assignee(reader: Reader, *, team: str, at: datetime) -> dict[str | None, DayLoad]:
    """Open work by assignee; under None the unassigned."""
    tickets = _select_open(reader.workspace, team, at).subquery()
    due_soon = case((tickets.c.late == 1, 0), else_=tickets.c.warned)
    columns = (func.count(), func.sum(tickets.c.late), func.sum(due_soon))
    rows = reader.session.execute(select(tickets.c.assignee, *columns).group_by(tickets.c.assignee))
    return {person: DayLoad(open=count, overdue=int(overdue), near=int(soon)) for person, count, overdue, soon in rows}


def most_urgent_tickets(
    reader: Reader, *, team: str, people: Sequence[str], at: datetime, limit: int
) -> dict[str, list[OpenTicket]]:
    tickets = _select_open(reader.workspace, team, at).where(Ticket.assignee.in_(people)).subquery()
    has_no_due_time = case((tickets.c.due_at.is_(None), 1), else_=0)
    order = (has_no_due_time, tickets.c.due_at, tickets.c.number)
    rank = func.row_number().over(partition_by=tickets.c.assignee, order_by=order).label("place")
    ranked = select(tickets, rank).subquery()
    rows = select(ranked.c.assignee, ranked.c.number, Ticket.title, ranked.c.due_at).join(
        Ticket, (Ticket.workspace_id == reader.workspace) & (Ticket.number == ranked.c.number)
    )
    urgent: dict[str, list[OpenTicket]] = {}
    for person, number, title, due_at in reader.session.execute(
        rows.where(ranked.c.place <= limit).order_by(ranked.c.place)
    ):
        urgent.setdefault(person, []).append(OpenTicket(number, title, due_at))
    return urgent


def _select_open(workspace: str, team: str, at: datetime) -> Select[int, str | None, datetime, Any, Any]:
    """Columns: number, assignee, next due time of a running timer, whether one is overdue, whether one has warned."""
    overdue = func.max(case((TimerRow.due_at < at, 1), else_=0)).label("late")
    warned = func.max(case((TimerRow.level > 0, 1), else_=0)).label("warned")
    running = same_ticket(TimerRow, Ticket) & (TimerRow.state == TimerState.RUNNING)
    tickets = select(Ticket.number, Ticket.assignee, func.min(TimerRow.due_at).label("due_at"), overdue, warned)
    conditions = (Ticket.workspace_id == workspace, Ticket.team == team, Ticket.resolved_at.is_(None))
    return tickets.outerjoin(TimerRow, running).where(*conditions).group_by(Ticket.number, Ticket.assignee)
