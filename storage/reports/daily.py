"""What a day's report is counted from, in three reads whose cost is what was open or done then, not what exists."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, String, bindparam, func, select, union_all

from rules.escalations.escalations import EscalationState
from rules.model.timers import Clock as Running
from rules.reports.daily import Decision, Facts, Moved, Standing
from storage.events import Happened
from storage.schema.columns import Utc
from storage.schema.tickets import Clock, Escalation, Event, Ticket
from storage.transaction import Reader

_WORKSPACE: BindParameter[str] = bindparam("workspace", type_=String)
_START: BindParameter[datetime] = bindparam("start", type_=Utc)
_END: BindParameter[datetime] = bindparam("end", type_=Utc)

# Open now, or resolved since the day began: whatever else there is was done before it. Two branches, because an OR
# would be read as the whole table; one walks the index of what is open, the other that on resolved_at. coalesce keeps
# SQLite from preferring the one on created_at, which for today is all there ever was.
_FILED_BEFORE = func.coalesce(Ticket.created_at, Ticket.created_at) < _END
_STILL_OPEN = (Ticket.workspace_id == _WORKSPACE, Ticket.resolved_at.is_(None), _FILED_BEFORE)
_DONE_SINCE = (Ticket.workspace_id == _WORKSPACE, Ticket.resolved_at >= _START, _FILED_BEFORE)

_later = Event.__table__.alias("later")
_LAST = (
    select(func.max(_later.c.seq))
    .where(_later.c.workspace_id == Ticket.workspace_id, _later.c.number == Ticket.number, _later.c.at < _END)
    .correlate(Ticket)
    .scalar_subquery()
)
_AS_OF = (Event.workspace_id == Ticket.workspace_id) & (Event.number == Ticket.number) & (Event.seq == _LAST)
_PROMISED = (Clock.workspace_id == Ticket.workspace_id) & (Clock.number == Ticket.number)
_TICKET = (
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
_CLOCK = (
    Clock.target,
    Clock.state,
    Clock.started_at,
    Clock.due_at,
    Clock.total_s,
    Clock.remaining_s,
    Clock.level,
    Clock.next_alert_at,
    Clock.closed_at,
    Clock.calendar,
)
_WHERE_CLOCK = len(_TICKET)
_STOOD = select(*_TICKET, *_CLOCK).select_from(Ticket).join(Event, _AS_OF).outerjoin(Clock, _PROMISED)
STOOD = union_all(_STOOD.where(*_STILL_OPEN), _STOOD.where(*_DONE_SINCE))

MOVED = (
    select(Event.number, Event.kind, Event.by, Event.team)
    .where(Event.workspace_id == _WORKSPACE, Event.at >= _START, Event.at < _END)
    .where(Event.kind.in_([str(Happened.FILED), str(Happened.RESOLVED)]))
    .order_by(Event.number, Event.seq)
)
DECIDED = select(
    Escalation.number,
    Escalation.team,
    Escalation.from_team,
    Escalation.decided_by,
    Escalation.state,
).where(
    Escalation.workspace_id == _WORKSPACE,
    Escalation.decided_at >= _START,
    Escalation.decided_at < _END,
    Escalation.state.in_([EscalationState.ACCEPTED, EscalationState.REJECTED]),
)


def facts(reader: Reader, *, start: datetime, end: datetime) -> Facts:
    """How every ticket stood at the end that was open or done that day, and what happened between start and end."""
    span = {"workspace": reader.workspace, "start": start, "end": end}
    moved = reader.session.execute(MOVED, span).all()
    decided = reader.session.execute(DECIDED, span).all()
    return Facts(
        tickets=_stood(reader.session.execute(STOOD, span).all()),
        filed=[Moved(row.number, row.by, row.team) for row in moved if row.kind == Happened.FILED],
        resolved=[Moved(row.number, row.by, row.team) for row in moved if row.kind == Happened.RESOLVED],
        decided=[Decision(n, team, asked, by or "", state) for n, team, asked, by, state in decided],
    )


def _stood(rows: Sequence[Row[Any]]) -> dict[int, Standing]:
    """One row for each clock, or one for a ticket that promises nothing. By position: by name costs twice as long."""
    clocks: dict[int, list[Running]] = defaultdict(list)
    for row in rows:
        if row[_WHERE_CLOCK] is not None:
            clocks[row[0]].append(Running(*row[_WHERE_CLOCK:]))
    whole = {row[0]: (*row[:_WHERE_CLOCK], tuple(clocks[row[0]])) for row in rows}
    return {number: Standing(*values) for number, values in whole.items()}
