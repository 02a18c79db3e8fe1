"""A message to the requester that reached nobody: it counts as no reply, and who wrote it reads why."""

from datetime import datetime

from rules.model.undelivered import undelivered_reason
from rules.text import Person, Text, TicketNumber, _
from services.notifications.notifications import notify_leads, publish_event
from services.sla import timers
from storage import events
from storage.events import DESK_ACTOR, EventKind
from storage.outbox import outbox
from storage.schema.tickets import Event, OutboxMessage, Ticket
from storage.tickets.tickets import find_ticket, lock_ticket
from storage.transaction import Transaction


def record_undelivered_reply(tx: Transaction, row: OutboxMessage, error: str) -> None:
    """`row` is the reply, or what the requester was to read of the solution."""
    event = events.find_event(tx, row.number or 0, row.data["seq"])
    if event is None or find_ticket(tx, event.number) is None:
        return
    ticket = lock_ticket(tx, event.number)
    if event.kind == EventKind.REPLIED:
        _take_back_reply(tx, ticket, event)
    lost = {"of": event.seq, "author": event.by, "error": error}
    seq = events.record(tx, ticket, EventKind.UNDELIVERED, by=DESK_ACTOR, **lost)
    publish_event(tx, ticket, seq)
    quote = str(event.data.get("text", ""))
    outbox.notify_person(tx, event.by, number=ticket.number, text=_writer_text(ticket, event, error), quote=quote)
    once = f"undelivered:{ticket.number}:{event.seq}"
    lead_text = _lead_text(ticket, event, error)
    notify_leads(
        tx, ticket.team, text=lead_text, number=ticket.number, quote=quote, dedupe_key=once, excluding=event.by
    )


def _take_back_reply(tx: Transaction, ticket: Ticket, event: Event) -> None:
    """The reply targets run on as if it had never been written, or are met by the next reply that was."""
    replied_at = _next_reply_at(tx, event)
    if ticket.first_reply_at == event.at:
        ticket.first_reply_at = replied_at
    timers.take_back_reply(tx, ticket, event.at, replied_at=replied_at)


def _next_reply_at(tx: Transaction, lost: Event) -> datetime | None:
    """When the requester was answered after all; a solution counts whether it was read or not."""
    later = [event for event in events.ticket_history(tx, lost.number) if event.seq > lost.seq]
    undelivered = {event.data["of"] for event in later if event.kind == EventKind.UNDELIVERED}
    answers = (
        event.at
        for event in later
        if event.kind == EventKind.RESOLVED or (event.kind == EventKind.REPLIED and event.seq not in undelivered)
    )
    return min(answers, default=None)


def _writer_text(ticket: Ticket, event: Event, error: str) -> Text:
    person, number, reason = Person(ticket.requester), TicketNumber(ticket.number), undelivered_reason(error)
    if event.kind == EventKind.RESOLVED:
        return _(
            "{person} did not get your solution of {number}: {reason}.", person=person, number=number, reason=reason
        )
    return _(
        "{person} did not get your reply to {number}: {reason}. It does not count as a reply.",
        person=person,
        number=number,
        reason=reason,
    )


def _lead_text(ticket: Ticket, event: Event, error: str) -> Text:
    return _(
        "{person} did not get what {author} wrote about {number}: {reason}.",
        person=Person(ticket.requester),
        author=Person(event.by),
        number=TicketNumber(ticket.number),
        reason=undelivered_reason(error),
    )
