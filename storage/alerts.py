"""Alerts: which timers are due for one, and what the card of an alert says about its ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from rules.model.timers import TimerState
from storage.escalations.escalations import undecided_escalations
from storage.events import DESK_ACTOR, EventKind
from storage.outbox import outbox
from storage.schema.sla import AlertBudget, GroupedAlert
from storage.schema.tickets import Escalation, Event, MessageReference, OutboxMessage, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import (
    Reader,
    Transaction,
    all_where,
    delete_some,
    first_where,
    insert_if_absent,
    select_where,
)

ALERT_CARD = outbox.MessageKind("alert", refreshed=True)
ALERT_DIGEST = outbox.MessageKind("digest")
DIGEST_DELAY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class AlertContext:
    """What the card of an alert says about the ticket besides its timers. `last_event` is never a snooze."""

    assigned_since: datetime | None
    last_event: Event | None
    snoozed_until: datetime | None
    snoozed_by: str | None
    assignee_away: bool = False


@dataclass(frozen=True, slots=True)
class DueAlerts:
    """A ticket with its timers whose alert is due, and its escalation if the experts have not answered it yet."""

    ticket: Ticket
    timers: list[TimerRow]
    escalation: Escalation | None = None


def take_due_alerts(tx: Transaction, *, limit: int) -> list[DueAlerts]:
    """Locks each ticket before its timers are read, so that they cannot be paused meanwhile."""
    numbers = timers.tickets_to_alert(tx, at=tx.now, limit=limit)
    if not numbers:
        return []
    ticket_query = select_where(tx, Ticket, Ticket.number.in_(numbers))
    tickets = tx.session.scalars(ticket_query.order_by(Ticket.number).with_for_update()).all()
    timer_query = select_where(tx, TimerRow, TimerRow.number.in_(numbers), TimerRow.next_alert_at <= tx.now)
    due_timers: dict[int, list[TimerRow]] = {}
    for row in tx.session.scalars(timer_query.execution_options(populate_existing=True)):
        due_timers.setdefault(row.number, []).append(row)
    escalations = {escalation.number: escalation for escalation in undecided_escalations(tx, list(due_timers))}
    return [
        DueAlerts(ticket, due_timers[ticket.number], escalations.get(ticket.number))
        for ticket in tickets
        if ticket.number in due_timers
    ]


def has_activity_since(reader: Reader, number: int, *, since: datetime, ignoring: str) -> bool:
    """Whether a person other than `ignoring` has done something on the ticket since then; the desk does not count."""
    by_others = Event.by.not_in([ignoring, DESK_ACTOR])
    return first_where(reader, Event.seq, Event.number == number, Event.at > since, by_others) is not None


def alerted_timers(reader: Reader, number: int) -> Sequence[TimerRow]:
    is_alerted = (TimerRow.number == number, TimerRow.state == TimerState.RUNNING, TimerRow.level > 0)
    return all_where(reader, TimerRow, *is_alerted)


def posted_alerts(reader: Reader, numbers: Sequence[int]) -> dict[tuple[int, str], str]:
    """Alerts that are posted or queued, by ticket and destination: "" for a card of its own, else the subject of its
    group's message."""
    posted = select(MessageReference.number, MessageReference.lane).where(
        MessageReference.workspace_id == reader.workspace,
        MessageReference.number.in_(numbers),
        MessageReference.kind == ALERT_CARD,
    )
    queued = select(OutboxMessage.number, OutboxMessage.lane).where(
        OutboxMessage.workspace_id == reader.workspace,
        OutboxMessage.number.in_(numbers),
        OutboxMessage.kind == ALERT_CARD,
        OutboxMessage.next_at.is_not(None),
    )
    own_cards = {(number or 0, lane): "" for number, lane in reader.session.execute(posted.union(queued))}
    group_messages = {
        (row.number, row.lane): row.subject
        for row in all_where(reader, GroupedAlert, GroupedAlert.number.in_(numbers), order_by=GroupedAlert.subject)
    }
    return group_messages | own_cards


def delete_alert_groups_before(tx: Transaction, moment: datetime, *, limit: int) -> int:
    resolved = select_where(tx, Ticket.number, Ticket.number == GroupedAlert.number, Ticket.resolved_at < moment)
    return delete_some(tx, GroupedAlert, resolved.exists(), limit=limit)


def latest_alert_group(reader: Reader, *, destination: str, since: str) -> str:
    """The subject of the destination's latest message about a group of tickets, at or after `since`; else empty."""
    is_recent = (GroupedAlert.lane == destination, GroupedAlert.subject >= since)
    return first_where(reader, GroupedAlert.subject, *is_recent, order_by=GroupedAlert.subject.desc()) or ""


def group_alerts(tx: Transaction, numbers: Sequence[int], *, destination: str, subject: str) -> None:
    for number in numbers:
        tx.session.merge(GroupedAlert(workspace_id=tx.workspace, number=number, lane=destination, subject=subject))


def tickets_in_group(reader: Reader, *, destination: str, subject: str) -> Sequence[Ticket]:
    in_group = (GroupedAlert.lane == destination, GroupedAlert.subject == subject)
    numbers = select_where(reader, GroupedAlert.number, *in_group)
    return all_where(reader, Ticket, Ticket.number.in_(numbers), order_by=Ticket.number)


def reserve_alert_cards(tx: Transaction, destination: str, *, count: int, limit: int) -> bool:
    """False when `count` more alert cards exceed the `limit` of this destination and hour; otherwise they are
    counted."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    insert_if_absent(tx, AlertBudget, lane=destination, hour=hour, cards=0)
    query = select_where(tx, AlertBudget, AlertBudget.lane == destination)
    row = tx.session.scalars(query.with_for_update()).one()
    if row.hour != hour:
        row.hour, row.cards = hour, 0
    if row.cards + count > limit:
        return False
    row.cards += count
    return True


def alert_context(reader: Reader, ticket: Ticket, *, at: datetime) -> AlertContext:
    is_snoozed = (TimerRow.number == ticket.number, TimerRow.snoozed_until > at)
    until = first_where(reader, TimerRow.snoozed_until, *is_snoozed, order_by=TimerRow.snoozed_until.desc())
    snooze = _latest_event(reader, ticket.number, snoozed=True) if until else None
    step = _latest_event(reader, ticket.number, snoozed=False)
    return AlertContext(_assigned_since(reader, ticket), step, until, snooze.by if snooze else None)


def _assigned_since(reader: Reader, ticket: Ticket) -> datetime | None:
    of_ticket = (Event.workspace_id == reader.workspace, Event.number == ticket.number)
    last_other_seq = select(func.coalesce(func.max(Event.seq), 0)).where(
        *of_ticket, Event.assignee.is_distinct_from(ticket.assignee)
    )
    return reader.session.scalar(
        select(func.min(Event.at)).where(*of_ticket, Event.seq > last_other_seq.scalar_subquery())
    )


def _latest_event(reader: Reader, number: int, *, snoozed: bool) -> Event | None:
    kind = Event.kind == str(EventKind.SNOOZED) if snoozed else Event.kind != str(EventKind.SNOOZED)
    return first_where(reader, Event, Event.number == number, kind, order_by=Event.seq.desc())


def snoozes_from_the_future(tx: Transaction) -> list[tuple[TimerRow, timedelta]]:
    """Snoozed timers whose snooze began after now, with how long it was meant to last: a clock was wrong."""
    is_snoozed = (TimerRow.next_alert_at > tx.now, TimerRow.snoozed_until > tx.now)
    snoozes = []
    for row in all_where(tx, TimerRow, *is_snoozed):
        event = _latest_event(tx, row.number, snoozed=True)
        if event is not None and row.snoozed_until is not None and event.at > tx.now:
            snoozes.append((row, row.snoozed_until - event.at))
    return snoozes


def digests_from_the_future(tx: Transaction) -> list[OutboxMessage]:
    """Digests that were to be sent at once after now; those that wait for a person's hours are right."""
    digests = (OutboxMessage.kind == ALERT_DIGEST, OutboxMessage.next_at.is_not(None), OutboxMessage.queued_at > tx.now)
    rows = all_where(tx, OutboxMessage, *digests)
    return [row for row in rows if row.next_at is not None and row.next_at - row.queued_at <= DIGEST_DELAY]


def add_to_digest(tx: Transaction, person: str, *, item: dict[str, object], at: datetime) -> None:
    """Adds one ticket to the person's next digest, so that many alerts are one message.

    The digest waits until a sweep has had time to find them all.
    """
    if not outbox.is_slack_id(person):
        return
    at = max(at, tx.now + DIGEST_DELAY)
    query = select_where(
        tx,
        OutboxMessage,
        OutboxMessage.lane == person,
        OutboxMessage.next_at.is_not(None),
        OutboxMessage.claimed_at.is_(None),
        OutboxMessage.kind == ALERT_DIGEST,
    ).with_for_update()
    row = tx.session.scalars(query.order_by(OutboxMessage.id).limit(1)).first()
    if row is None:
        outbox.queue_message(tx, ALERT_DIGEST, destination=person, subject="digest", data={"items": [item]}, at=at)
        return
    row.next_at = min(row.next_at or at, at)
    if item not in row.data["items"]:
        row.data = {"items": [*row.data["items"], item]}
