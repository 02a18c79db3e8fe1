"""What a team's summary counts: the day's events, and the open tickets with their clocks."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from rules.model.timers import TimerState
from rules.reports.summaries import DayLoad, OpenTicket
from storage.events import EventKind
from storage.schema.tickets import Event, OutboxMessage, Ticket, TimerRow
from storage.transaction import Reader

_ASSIGNING_KINDS = (EventKind.CREATED, EventKind.ASSIGNED, EventKind.TAKEN, EventKind.ACCEPTED, EventKind.REASSIGNED)


def was_queued(reader: Reader, dedupe_key: str) -> bool:
    """Whether a row with that key was ever queued."""
    row = select(OutboxMessage.id).where(
        OutboxMessage.workspace_id == reader.workspace, OutboxMessage.once == dedupe_key
    )
    return reader.session.execute(row).first() is not None


def day_activity(reader: Reader, *, team: str, start: datetime, end: datetime) -> tuple[int, dict[str, DayLoad]]:
    """How many tickets were filed with the team in [start, end), and per person what came to them and what they solved.

    A ticket counts once however often it was handed to the same person; of several resolutions the last one counts.
    """
    today = select(Event.kind, Event.number, Event.by, Event.assignee).where(
        Event.workspace_id == reader.workspace,
        Event.at >= start,
        Event.at < end,
        Event.kind.in_([str(kind) for kind in (*_ASSIGNING_KINDS, EventKind.RESOLVED)]),
        Event.team == team,
    )
    incoming, came, solved = 0, set[tuple[str, int]](), dict[int, str]()
    for kind, number, by, assignee in reader.session.execute(today.order_by(Event.number, Event.seq)):
        incoming += kind == EventKind.CREATED
        if kind == EventKind.RESOLVED:
            solved[number] = by
        elif assignee:
            came.add((assignee, number))
    new, done = Counter(who for who, _ in came), Counter(solved.values())
    return incoming, {who: DayLoad(new=new[who], done=done[who]) for who in new | done}


def open_by_assignee(reader: Reader, *, team: str, at: datetime) -> dict[str | None, DayLoad]:
    """What each person holds open in the team; under None what nobody has."""
    tickets = _select_open(reader.workspace, team, at).subquery()
    near = case((tickets.c.late == 1, 0), else_=tickets.c.warned)
    columns = (func.count(), func.sum(tickets.c.late), func.sum(near))
    rows = reader.session.execute(select(tickets.c.assignee, *columns).group_by(tickets.c.assignee))
    return {who: DayLoad(open=count, overdue=int(late), near=int(close)) for who, count, late, close in rows}


def most_urgent_tickets(
    reader: Reader, *, team: str, people: Sequence[str], at: datetime, limit: int
) -> dict[str, list[OpenTicket]]:
    """The tickets each of these people must see to first."""
    tickets = _select_open(reader.workspace, team, at).where(Ticket.assignee.in_(people)).subquery()
    unpromised = case((tickets.c.due_at.is_(None), 1), else_=0)
    order = (unpromised, tickets.c.due_at, tickets.c.number)
    place = func.row_number().over(partition_by=tickets.c.assignee, order_by=order).label("place")
    ranked = select(tickets, place).subquery()
    rows = select(ranked.c.assignee, ranked.c.number, Ticket.title, ranked.c.due_at).join(
        Ticket, (Ticket.workspace_id == reader.workspace) & (Ticket.number == ranked.c.number)
    )
    found: dict[str, list[OpenTicket]] = {}
    for who, number, title, due_at in reader.session.execute(
        rows.where(ranked.c.place <= limit).order_by(ranked.c.place)
    ):
        found.setdefault(who, []).append(OpenTicket(number, title, due_at))
    return found


def _select_open(workspace: str, team: str, at: datetime) -> Select[int, str | None, datetime, Any, Any]:
    """The team's open tickets: whose, the next due time of a running clock, whether one is past, whether one warned."""
    late = func.max(case((TimerRow.due_at < at, 1), else_=0)).label("late")
    warned = func.max(case((TimerRow.level > 0, 1), else_=0)).label("warned")
    running = (
        (TimerRow.workspace_id == Ticket.workspace_id)
        & (TimerRow.number == Ticket.number)
        & (TimerRow.state == TimerState.RUNNING)
    )
    tickets = select(Ticket.number, Ticket.assignee, func.min(TimerRow.due_at).label("due_at"), late, warned)
    theirs = (Ticket.workspace_id == workspace, Ticket.team == team, Ticket.resolved_at.is_(None))
    return tickets.outerjoin(TimerRow, running).where(*theirs).group_by(Ticket.number, Ticket.assignee)
