"""Figures of a day's report, in three reads whose cost is what was open or done then, not what exists."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, String, bindparam, func, select, union_all

from rules.escalations.escalations import EscalationState
from rules.model.timers import SlaTimer
from rules.reports.daily import DayFacts, ExpertDecision, TicketAction, TicketSnapshot
from storage.events import EventKind
from storage.schema.columns import UtcDateTime, same_ticket
from storage.schema.tickets import Escalation, Event, Ticket, TimerRow
from storage.transaction import Reader

_WORKSPACE: BindParameter[str] = bindparam("workspace", type_=String)
_START: BindParameter[datetime] = bindparam("start", type_=UtcDateTime)
_END: BindParameter[datetime] = bindparam("end", type_=UtcDateTime)

# Tickets that are open now, or were resolved since the day began: all others were resolved before it. Two branches,
# because an OR would scan the whole table; one walks the index of open tickets, the other that on resolved_at. coalesce
# keeps SQLite from the index on created_at, which for today matches every ticket.
_CREATED_BEFORE_END = func.coalesce(Ticket.created_at, Ticket.created_at) < _END
_STILL_OPEN = (Ticket.workspace_id == _WORKSPACE, Ticket.resolved_at.is_(None), _CREATED_BEFORE_END)
_RESOLVED_SINCE_START = (Ticket.workspace_id == _WORKSPACE, Ticket.resolved_at >= _START, _CREATED_BEFORE_END)

_later_event = Event.__table__.alias("later")
_LAST_SEQ = (
    select(func.max(_later_event.c.seq))
    .where(
        _later_event.c.workspace_id == Ticket.workspace_id,
        _later_event.c.number == Ticket.number,
        _later_event.c.at < _END,
    )
    .correlate(Ticket)
    .scalar_subquery()
)
_LAST_EVENT = same_ticket(Event, Ticket) & (Event.seq == _LAST_SEQ)
_TICKET_COLUMNS = (
    Ticket.number,
    Ticket.title,
    Ticket.type,
    Ticket.first_line,
    Ticket.requester,
    Ticket.registered_by,
    Ticket.created_at,
    Event.status,
    Event.team,
    Event.assignee,
)
_TIMER_COLUMNS = (
    TimerRow.target,
    TimerRow.state,
    TimerRow.started_at,
    TimerRow.due_at,
    TimerRow.total_s,
    TimerRow.remaining_s,
    TimerRow.level,
    TimerRow.next_alert_at,
    TimerRow.closed_at,
    TimerRow.calendar,
)
_FIRST_TIMER_COLUMN = len(_TICKET_COLUMNS)
_SELECT_STATES = (
    select(*_TICKET_COLUMNS, *_TIMER_COLUMNS)
    .select_from(Ticket)
    .join(Event, _LAST_EVENT)
    .outerjoin(TimerRow, same_ticket(TimerRow, Ticket))
)
TICKET_STATES = union_all(_SELECT_STATES.where(*_STILL_OPEN), _SELECT_STATES.where(*_RESOLVED_SINCE_START))

CREATED_AND_RESOLVED = (
    select(Event.number, Event.kind, Event.by, Event.team)
    .where(Event.workspace_id == _WORKSPACE, Event.at >= _START, Event.at < _END)
    .where(Event.kind.in_([str(EventKind.CREATED), str(EventKind.RESOLVED)]))
    .order_by(Event.number, Event.seq)
)
DECIDED_ESCALATIONS = select(
    Escalation.number, Escalation.team, Escalation.from_team, Escalation.decided_by, Escalation.state
).where(
    Escalation.workspace_id == _WORKSPACE,
    Escalation.decided_at >= _START,
    Escalation.decided_at < _END,
    Escalation.state.in_([EscalationState.ACCEPTED, EscalationState.REJECTED]),
)


def daily_facts(reader: Reader, *, start: datetime, end: datetime) -> DayFacts:
    """The state at the end of every ticket that was open or done that day, and what happened between start and end."""
    span = {"workspace": reader.workspace, "start": start, "end": end}
    actions = reader.session.execute(CREATED_AND_RESOLVED, span).all()
    decisions = reader.session.execute(DECIDED_ESCALATIONS, span).all()
    return DayFacts(
        tickets=_ticket_states(reader.session.execute(TICKET_STATES, span).all()),
        filed=[TicketAction(row.number, row.by, row.team) for row in actions if row.kind == EventKind.CREATED],
        resolved=[TicketAction(row.number, row.by, row.team) for row in actions if row.kind == EventKind.RESOLVED],
        decisions=[ExpertDecision(n, team, from_team, by or "", state) for n, team, from_team, by, state in decisions],
    )


def _ticket_states(rows: Sequence[Row[Any]]) -> dict[int, TicketSnapshot]:
    """One row for each timer, or one for a ticket without. By position: by name costs twice as long."""
    timers: dict[int, list[SlaTimer]] = defaultdict(list)
    for row in rows:
        if row[_FIRST_TIMER_COLUMN] is not None:
            timers[row[0]].append(SlaTimer(*row[_FIRST_TIMER_COLUMN:]))
    snapshots = {row[0]: (*row[:_FIRST_TIMER_COLUMN], tuple(timers[row[0]])) for row in rows}
    return {number: TicketSnapshot(*values) for number, values in snapshots.items()}
