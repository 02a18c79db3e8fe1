"""After a change: every card is redrawn, and the story goes on in the thread."""

from collections.abc import Iterable

from storage.outbox import outbox
from storage.outbox.outbox import Kind
from storage.reassignment import bulk
from storage.schema.tickets import Escalation, Ticket
from storage.tickets.tickets import find
from storage.transaction import Transaction


def told(tx: Transaction, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """The cards change in place, decided copies with them, and the event is told in the ticket's threads.

    `seen_in` is the channel in whose thread it was said already.
    """
    outbox.refresh(tx, ticket)
    for post in bulk.told_of(tx, ticket.number):
        outbox.queue(tx, Kind.BASKET, lane=post.lane, subject=post.subject)
    outbox.story(tx, ticket, seq, seen_in=seen_in)


def tell_askers(
    tx: Transaction, escalation: Escalation, people: Iterable[str], *, by: str, did: str, rest: str, quote: str = ""
) -> None:
    """Each of them reads what somebody did with the question: with theirs, or with that of who asked it."""
    for who in people:
        words = f"<@{by}> {did} {whose(escalation, who)} escalation of #{escalation.number}{rest}"
        outbox.notice(tx, who, number=escalation.number, words=words, quote=quote)


def whose(escalation: Escalation, reader: str) -> str:
    """Whose question it is, to this reader."""
    return "your" if reader == escalation.asked_by else f"<@{escalation.asked_by}>'s"


def redraw(tx: Transaction, number: int) -> None:
    """Every card of the ticket is brought up to date: for whoever pressed an old one."""
    ticket = find(tx, number)
    if ticket is not None:
        outbox.refresh(tx, ticket)
