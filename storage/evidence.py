"""What the history says of how well somebody knows the types they work on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from rules.clocks import ClockKind, ClockState
from rules.escalations import EscalationState
from rules.evidence import Evidence
from storage.tables import Clock, Escalation, Ticket

DAYS = 90


def evidence(
    session: Session, workspace: str, person: str, types: Iterable[str], *, at: datetime
) -> dict[str, Evidence]:
    """What the person did of each of these types in the last 90 days; what they did nothing of is there with zeros."""
    since = at - timedelta(days=DAYS)
    done = _resolved(session, workspace, person, since)
    asked = _asked(session, workspace, person, since)
    return {key: Evidence(DAYS, *done.get(key, (0, 0, 0, 0)), *asked.get(key, (0, 0))) for key in types}


def _resolved(session: Session, workspace: str, person: str, since: datetime) -> dict[str, tuple[int, int, int, int]]:
    """By type: how many, how many of them had a promise that ended, in time, and came back at least once."""
    promise = and_(
        Clock.workspace_id == Ticket.workspace_id,
        Clock.number == Ticket.number,
        Clock.target == ClockKind.RESOLUTION,
        Clock.state.in_((ClockState.MET, ClockState.BREACHED)),
    )
    met = func.sum(case((Clock.state == ClockState.MET, 1), else_=0))
    back = func.sum(case((Ticket.reopened > 0, 1), else_=0))
    rows = (
        select(Ticket.type, func.count(), func.count(Clock.number), met, back)
        .outerjoin(Clock, promise)
        .where(Ticket.workspace_id == workspace, Ticket.resolved_at >= since, Ticket.resolved_at.is_not(None))
        .where(Ticket.resolved_by == person)
        .group_by(Ticket.type)
    )
    return {
        kind: (int(many), int(due), int(kept), int(again)) for kind, many, due, kept, again in session.execute(rows)
    }


def _asked(session: Session, workspace: str, person: str, since: datetime) -> dict[str, tuple[int, int]]:
    """By type: how many of the person's questions the experts accepted and rejected."""
    about = and_(Ticket.workspace_id == Escalation.workspace_id, Ticket.number == Escalation.number)
    yes, no = (
        func.sum(case((Escalation.state == state, 1), else_=0))
        for state in (EscalationState.ACCEPTED, EscalationState.REJECTED)
    )
    rows = (
        select(Ticket.type, yes, no)
        .select_from(Escalation)
        .join(Ticket, about)
        .where(Escalation.workspace_id == workspace, Escalation.decided_at >= since, Escalation.asked_by == person)
        .group_by(Ticket.type)
    )
    return {kind: (int(accepted), int(rejected)) for kind, accepted, rejected in session.execute(rows)}
