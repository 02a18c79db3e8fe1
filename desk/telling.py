"""After a change: every card is redrawn, and the story goes on in the thread."""

from storage import outbox
from storage.tables import Ticket
from storage.work import Work


def told(work: Work, ticket: Ticket, seq: int) -> None:
    """The cards change in place, decided copies with them, and the event is told in the ticket's thread."""
    outbox.refresh(work, ticket)
    outbox.story(work, ticket, seq)
