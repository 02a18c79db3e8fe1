"""After a change: every card is refreshed, and the event is posted in the ticket's threads."""

from collections.abc import Iterable
from typing import Any

from rules.text import Text
from services.notifications.recipients import leads_to_notify
from storage import events
from storage.events import EventKind
from storage.outbox import outbox
from storage.reassignment import bulk
from storage.reassignment.bulk import REASSIGNMENT_CARD
from storage.schema.tickets import Ticket
from storage.tickets.tickets import find_ticket
from storage.transaction import Transaction


def publish_event(tx: Transaction, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """`seen_in` is the channel in whose thread the event was written already."""
    outbox.refresh(tx, ticket)
    for message in bulk.reassignment_messages(tx, ticket.number):
        outbox.queue_message(tx, REASSIGNMENT_CARD, destination=message.lane, subject=message.subject)
    outbox.post_timeline_entry(tx, ticket, seq, seen_in=seen_in)


def record_and_publish(tx: Transaction, ticket: Ticket, kind: EventKind, *, by: str, **data: Any) -> int:
    seq = events.record(tx, ticket, kind, by=by, **data)
    publish_event(tx, ticket, seq)
    return seq


def notify_leads(
    tx: Transaction,
    team: str,
    *,
    text: Text | str,
    number: int | None = None,
    quote: str = "",
    dedupe_key: str | None = None,
    excluding: str = "",
) -> None:
    for lead in leads_to_notify(tx, tx.policy.team(team), excluding=excluding):
        once = f"{dedupe_key}:{lead}" if dedupe_key else None
        outbox.notify_person(tx, lead, number=number, text=text, quote=quote, dedupe_key=once)


def notify_people(tx: Transaction, people: Iterable[str], *, number: int, text: Text, quote: str = "") -> None:
    for person in people:
        outbox.notify_person(tx, person, number=number, text=text, quote=quote)


def refresh_cards(tx: Transaction, number: int) -> None:
    ticket = find_ticket(tx, number)
    if ticket is not None:
        outbox.refresh(tx, ticket)
