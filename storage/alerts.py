"""What the sweep takes, and what an alert's card tells of the ticket behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from rules.model.timers import TimerState
from storage.escalations.escalations import undecided_escalations
from storage.events import DESK_ACTOR, EventKind
from storage.outbox.outbox import MessageKind
from storage.schema.sla import AlertBudget, GroupedAlert
from storage.schema.tickets import Escalation, Event, MessageReference, OutboxMessage, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader, Transaction

_INSERT_BUDGET = {
    "sqlite": sqlite.insert(AlertBudget).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(AlertBudget).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True)
class AlertContext:
    """Who has held the ticket since when, the last step on it, and who silenced its alert until when; `away` when
    whoever has it is away now."""

    assigned_since: datetime | None
    last_event: Event | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    assignee_away: bool = False


@dataclass(frozen=True, slots=True)
class DueAlerts:
    """A ticket with those of its clocks whose moment has come, and the question that experts have not answered yet."""

    ticket: Ticket
    timers: list[TimerRow]
    escalation: Escalation | None = None


def take_due_alerts(tx: Transaction, *, limit: int) -> list[DueAlerts]:
    """Tickets with the clocks whose alert is due; each ticket is locked first, so nobody pauses it meanwhile."""
    late = timers.tickets_to_alert(tx, at=tx.now, limit=limit)
    if not late:
        return []
    locked = select(Ticket).where(Ticket.workspace_id == tx.workspace, Ticket.number.in_(late))
    tickets = tx.session.scalars(locked.order_by(Ticket.number).with_for_update()).all()
    still = select(TimerRow).where(
        TimerRow.workspace_id == tx.workspace, TimerRow.number.in_(late), TimerRow.next_alert_at <= tx.now
    )
    found: dict[int, list[TimerRow]] = {}
    for row in tx.session.scalars(still.execution_options(populate_existing=True)):
        found.setdefault(row.number, []).append(row)
    asked = {one.number: one for one in undecided_escalations(tx, list(found))}
    return [
        DueAlerts(ticket, found[ticket.number], asked.get(ticket.number))
        for ticket in tickets
        if ticket.number in found
    ]


def has_activity_since(reader: Reader, number: int, *, since: datetime, ignoring: str) -> bool:
    """Whether anybody has done something about the ticket since then, the one who asked for it left out."""
    done = select(Event.seq).where(
        Event.workspace_id == reader.workspace,
        Event.number == number,
        Event.at > since,
        Event.by.not_in([ignoring, DESK_ACTOR]),
    )
    return reader.session.scalar(done.limit(1)) is not None


def alerted_timers(reader: Reader, number: int) -> Sequence[TimerRow]:
    """The ticket's clocks of which an alert was given and which still run."""
    mine = select(TimerRow).where(
        TimerRow.workspace_id == reader.workspace,
        TimerRow.number == number,
        TimerRow.state == TimerState.RUNNING,
        TimerRow.level > 0,
    )
    return reader.session.scalars(mine).all()


def posted_alerts(reader: Reader, numbers: Sequence[int]) -> dict[tuple[int, str], str]:
    """Which of these tickets have an alert already, or on its way, and in which lane: on a card of their own (""), or
    gathered with others on the message of that name."""
    posted = select(MessageReference.number, MessageReference.lane).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.number.in_(numbers),
        MessageReference.kind == str(MessageKind.ALERT),
    )
    queued = select(OutboxMessage.number, OutboxMessage.lane).where(
        OutboxMessage.workspace_id == reader.workspace,
        OutboxMessage.number.in_(numbers),
        OutboxMessage.kind == str(MessageKind.ALERT),
        OutboxMessage.next_at.is_not(None),
    )
    found = {(number, lane): "" for number, lane in reader.session.execute(posted.union(queued)) if number is not None}
    gathered = select(GroupedAlert).where(
        GroupedAlert.workspace_id == reader.workspace, GroupedAlert.number.in_(numbers)
    )
    together = {
        (row.number, row.lane): row.subject for row in reader.session.scalars(gathered.order_by(GroupedAlert.subject))
    }
    return together | found


def delete_alert_groups_before(tx: Transaction, moment: datetime) -> int:
    """How many places on a message of many were dropped: those of tickets that were resolved before then."""
    done = select(Ticket.number).where(Ticket.workspace_id == tx.workspace, Ticket.resolved_at < moment)
    old = delete(GroupedAlert).where(GroupedAlert.workspace_id == tx.workspace, GroupedAlert.number.in_(done))
    return tx.execute(old).rowcount


def latest_alert_group(reader: Reader, *, destination: str, since: str) -> str:
    """The name of the lane's newest message that speaks of many tickets, if it is as late as `since`; else empty."""
    named = select(func.max(GroupedAlert.subject)).where(
        GroupedAlert.workspace_id == reader.workspace, GroupedAlert.lane == destination, GroupedAlert.subject >= since
    )
    return reader.session.scalar(named) or ""


def group_alerts(tx: Transaction, numbers: Sequence[int], *, destination: str, subject: str) -> None:
    """These tickets are spoken of together from now on, in that lane, on the message of that name."""
    for number in numbers:
        tx.session.merge(GroupedAlert(workspace_id=tx.workspace, number=number, lane=destination, subject=subject))


def tickets_in_group(reader: Reader, *, destination: str, subject: str) -> Sequence[Ticket]:
    """The tickets that one message speaks of together."""
    those = select(GroupedAlert.number).where(
        GroupedAlert.workspace_id == reader.workspace, GroupedAlert.lane == destination, GroupedAlert.subject == subject
    )
    found = select(Ticket).where(Ticket.workspace_id == reader.workspace, Ticket.number.in_(those))
    return reader.session.scalars(found.order_by(Ticket.number)).all()


def reserve_alert_cards(tx: Transaction, destination: str, *, count: int, limit: int) -> bool:
    """Whether so many more alert cards fit into what this lane may get in an hour; those that fit are counted."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    tx.execute(
        _INSERT_BUDGET[tx.connection.dialect.name],
        {"workspace_id": tx.workspace, "lane": destination, "hour": hour, "cards": 0},
    )
    mine = select(AlertBudget).where(AlertBudget.workspace_id == tx.workspace, AlertBudget.lane == destination)
    row = tx.session.scalars(mine.with_for_update()).one()
    if row.hour != hour:
        row.hour, row.cards = hour, 0
    if row.cards + count > limit:
        return False
    row.cards += count
    return True


def alert_context(reader: Reader, ticket: Ticket, *, at: datetime) -> AlertContext:
    """What an alert's card says of the ticket besides its clocks."""
    until = reader.session.scalar(
        select(func.max(TimerRow.snoozed_until)).where(
            TimerRow.workspace_id == reader.workspace, TimerRow.number == ticket.number, TimerRow.snoozed_until > at
        )
    )
    snooze = _latest_event(reader, ticket.number, snoozed=True) if until else None
    step = _latest_event(reader, ticket.number, snoozed=False)
    return AlertContext(_assigned_since(reader, ticket), step, until, snooze.by if snooze else None)


def _assigned_since(reader: Reader, ticket: Ticket) -> datetime | None:
    """The first event since which it has always been with the person who has it now."""
    mine = (Event.workspace_id == reader.workspace, Event.number == ticket.number)
    other = select(func.coalesce(func.max(Event.seq), 0)).where(*mine, Event.assignee.is_distinct_from(ticket.assignee))
    return reader.session.scalar(select(func.min(Event.at)).where(*mine, Event.seq > other.scalar_subquery()))


def _latest_event(reader: Reader, number: int, *, snoozed: bool) -> Event | None:
    kind = Event.kind == str(EventKind.SNOOZED) if snoozed else Event.kind != str(EventKind.SNOOZED)
    mine = select(Event).where(Event.workspace_id == reader.workspace, Event.number == number, kind)
    return reader.session.scalars(mine.order_by(Event.seq.desc()).limit(1)).first()
