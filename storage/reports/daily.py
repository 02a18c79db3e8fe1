"""What a day brought: tickets filed and resolved, their state at its end, and the experts' decisions.

The cost is what happened that day, not what is open or exists.
"""

from dataclasses import replace

from sqlalchemy import func, or_, select

from rules.escalations.escalations import EscalationState
from rules.model.timers import TimerKind, TimerState
from rules.reports.daily import DayFacts, ExpertDecision, ReportDay, TicketAction, TicketSnapshot
from storage.database import in_chunks
from storage.events import EventKind, type_as_of, type_changes
from storage.reports.open_work import open_tickets
from storage.schema.columns import same_ticket
from storage.schema.sla import SlaOutcome
from storage.schema.tickets import Escalation, Event, Ticket
from storage.transaction import Reader


def daily_facts(reader: Reader, day: ReportDay) -> DayFacts:
    filed = _actions(reader, day, EventKind.CREATED)
    resolved = _actions(reader, day, EventKind.RESOLVED)
    numbers = sorted({action.number for action in (*filed, *resolved)})
    return DayFacts(
        touched=_states_at_end(reader, day, numbers),
        filed=filed,
        resolved=resolved,
        decisions=_decisions(reader, day),
        resolution_targets=_resolution_targets(reader, day, sorted({action.number for action in resolved})),
        open_tickets=open_tickets(reader, day),
    )


def _actions(reader: Reader, day: ReportDay, kind: EventKind) -> list[TicketAction]:
    that_day = (Event.workspace_id == reader.workspace, Event.at >= day.start, Event.at < day.end)
    query = select(Event.number, Event.by, Event.team).where(*that_day, Event.kind == str(kind))
    return [TicketAction(*row) for row in reader.session.execute(query.order_by(Event.number, Event.seq))]


def _states_at_end(reader: Reader, day: ReportDay, numbers: list[int]) -> dict[int, TicketSnapshot]:
    later = Event.__table__.alias("later")
    same = (later.c.workspace_id == Ticket.workspace_id, later.c.number == Ticket.number, later.c.at < day.end)
    last_seq = select(func.max(later.c.seq)).where(*same).correlate(Ticket).scalar_subquery()
    asked = (Ticket.number, Ticket.type, Ticket.requester, Ticket.registered_by)
    states = (
        select(*asked, Event.status, Event.team, Event.assignee)
        .join(Event, same_ticket(Event, Ticket) & (Event.seq == last_seq))
        .where(Ticket.workspace_id == reader.workspace, Ticket.created_at < day.end)
        .where(or_(Ticket.resolved_at.is_(None), Ticket.resolved_at >= day.start))
    )
    snapshots = {}
    for chunk in in_chunks(numbers):
        for row in reader.session.execute(states.where(Ticket.number.in_(chunk))):
            snapshots[row[0]] = TicketSnapshot(*row)
    changes = type_changes(reader, snapshots, since=day.end)
    return snapshots | {
        number: replace(snapshots[number], type=type_as_of(day.last_moment, snapshots[number].type, changed))
        for number, changed in changes.items()
    }


def _decisions(reader: Reader, day: ReportDay) -> list[ExpertDecision]:
    columns = (Escalation.number, Escalation.team, Escalation.from_team, Escalation.decided_by, Escalation.state)
    query = select(*columns).where(
        Escalation.workspace_id == reader.workspace,
        Escalation.decided_at >= day.start,
        Escalation.decided_at < day.end,
        Escalation.state.in_([EscalationState.ACCEPTED, EscalationState.REJECTED]),
    )
    rows = reader.session.execute(query)
    return [ExpertDecision(n, team, from_team, by or "", state) for n, team, from_team, by, state in rows]


def _resolution_targets(reader: Reader, day: ReportDay, numbers: list[int]) -> dict[int, TimerState]:
    """How the resolution targets ended that day, each for the last time; a later reopening changes nothing."""
    that_day = (SlaOutcome.ended_at >= day.start, SlaOutcome.ended_at < day.end)
    is_resolution = (SlaOutcome.workspace_id == reader.workspace, SlaOutcome.target == TimerKind.RESOLUTION)
    query = select(SlaOutcome.number, SlaOutcome.state).where(*is_resolution, *that_day).order_by(SlaOutcome.ended_at)
    targets: dict[int, TimerState] = {}
    for chunk in in_chunks(numbers):
        targets |= dict(reader.session.execute(query.where(SlaOutcome.number.in_(chunk))).all())
    return targets
