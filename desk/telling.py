"""After a change: every card is redrawn, and the story goes on in the thread."""

from storage import baskets, outbox
from storage.outbox import Kind
from storage.tables import Ticket
from storage.tickets import find
from storage.work import Work


def told(work: Work, ticket: Ticket, seq: int, *, seen_in: str | None = None) -> None:
    """The cards change in place, decided copies with them, and the event is told in the ticket's threads.

    `seen_in` is the channel in whose thread it was said already.
    """
    outbox.refresh(work, ticket)
    for post in baskets.told_of(work.session, work.workspace, ticket.number):
        outbox.queue(work, Kind.BASKET, lane=post.lane, subject=post.subject)
    outbox.story(work, ticket, seq, seen_in=seen_in)


def redraw(work: Work, number: int) -> None:
    """Every card of the ticket is brought up to date: for whoever pressed an old one."""
    ticket = find(work.session, work.workspace, number)
    if ticket is not None:
        outbox.refresh(work, ticket)
