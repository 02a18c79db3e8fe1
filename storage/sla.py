"""What the sweep takes, and what an alert's card tells of the ticket behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rules.sla import ClockState
from storage import clocks
from storage.events import Happened
from storage.outbox import Kind
from storage.tables import Clock, Event, Post, Ticket
from storage.work import Work


@dataclass(frozen=True, slots=True)
class Standing:
    """Who has held the ticket since when, the last step on it, and who silenced its alert until when."""

    since: datetime | None
    step: Event | None
    snoozed_until: datetime | None
    snoozed_by: str | None


def due(work: Work, *, limit: int) -> list[tuple[Ticket, list[Clock]]]:
    """Tickets with the clocks whose alert is due; each ticket is locked first, so nobody pauses it meanwhile."""
    late = {row.number for row in clocks.alerting(work.session, work.workspace, at=work.now, limit=limit)}
    if not late:
        return []
    locked = select(Ticket).where(Ticket.workspace_id == work.workspace, Ticket.number.in_(late))
    tickets = work.session.scalars(locked.order_by(Ticket.number).with_for_update()).all()
    still = select(Clock).where(
        Clock.workspace_id == work.workspace, Clock.number.in_(late), Clock.next_alert_at <= work.now
    )
    found: dict[int, list[Clock]] = {}
    for row in work.session.scalars(still.execution_options(populate_existing=True)):
        found.setdefault(row.number, []).append(row)
    return [(ticket, found[ticket.number]) for ticket in tickets if ticket.number in found]


def alerted(session: Session, workspace: str, number: int) -> Sequence[Clock]:
    """The ticket's clocks of which an alert was given and which still run."""
    mine = select(Clock).where(
        Clock.workspace_id == workspace,
        Clock.number == number,
        Clock.state == ClockState.RUNNING,
        Clock.level > 0,
    )
    return session.scalars(mine).all()


def standing_alerts(session: Session, workspace: str, numbers: Sequence[int]) -> set[tuple[int | None, str]]:
    """Which of these tickets have an alert posted already, and in which lane."""
    posted = select(Post.number, Post.lane).where(
        Post.workspace_id == workspace, Post.number.in_(numbers), Post.kind == str(Kind.ALERT)
    )
    return {(number, lane) for number, lane in session.execute(posted)}


def standing(session: Session, workspace: str, ticket: Ticket, *, at: datetime) -> Standing:
    """What an alert's card says of the ticket besides its clocks."""
    until = session.scalar(
        select(func.max(Clock.snoozed_until)).where(
            Clock.workspace_id == workspace, Clock.number == ticket.number, Clock.snoozed_until > at
        )
    )
    snooze = _last(session, workspace, ticket.number, snoozed=True) if until else None
    step = _last(session, workspace, ticket.number, snoozed=False)
    return Standing(_held_since(session, workspace, ticket), step, until, snooze.by if snooze else None)


def _held_since(session: Session, workspace: str, ticket: Ticket) -> datetime | None:
    """The first event since which it has always been with the person who has it now."""
    mine = (Event.workspace_id == workspace, Event.number == ticket.number)
    other = select(func.coalesce(func.max(Event.seq), 0)).where(*mine, Event.assignee.is_distinct_from(ticket.assignee))
    return session.scalar(select(func.min(Event.at)).where(*mine, Event.seq > other.scalar_subquery()))


def _last(session: Session, workspace: str, number: int, *, snoozed: bool) -> Event | None:
    kind = Event.kind == str(Happened.SNOOZED) if snoozed else Event.kind != str(Happened.SNOOZED)
    mine = select(Event).where(Event.workspace_id == workspace, Event.number == number, kind)
    return session.scalars(mine.order_by(Event.seq.desc()).limit(1)).first()
