"""After a change: every card is redrawn, and the story goes on in the thread."""

from collections.abc import Iterable

from storage.outbox import outbox
from storage.outbox.outbox import MessageKind
from storage.reassignment import bulk
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import find_ticket
from storage.transaction import Transaction


def publish_event(tx: Transaction, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """The cards change in place, decided copies with them, and the event is told in the ticket's threads.

    `seen_in` is the channel in whose thread it was said already.
    """
    outbox.refresh(tx, ticket)
    for post in bulk.reassignment_messages(tx, ticket.number):
        outbox.queue_message(tx, MessageKind.REASSIGNMENT, destination=post.lane, subject=post.subject)
    outbox.post_timeline_entry(tx, ticket, seq, seen_in=seen_in)


def notify_askers(
    tx: Transaction, escalation: Escalation, people: Iterable[str], *, by: str, action: str, rest: str, quote: str = ""
) -> None:
    """Each of them reads what somebody did with the question: with theirs, or with that of who asked it."""
    for who in people:
        words = f"<@{by}> {action} {whose_escalation(escalation, who)} escalation of #{escalation.number}{rest}"
        outbox.notify_person(tx, who, number=escalation.number, text=words, quote=quote)


def whose_escalation(escalation: Escalation, person: str) -> str:
    """Whose question it is, to this reader."""
    return "your" if person == escalation.asked_by else f"<@{escalation.asked_by}>'s"


def refresh_cards(tx: Transaction, number: int) -> None:
    """Every card of the ticket is brought up to date: for whoever pressed an old one."""
    ticket = find_ticket(tx, number)
    if ticket is not None:
        outbox.refresh(tx, ticket)
