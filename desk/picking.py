"""Somebody passes over the ticket that was put before them: nothing changes but what is known."""

from desk.authority import require
from rules.roles import Deed
from storage import events
from storage.events import Happened
from storage.tickets import get
from storage.work import Work


def skip(work: Work, number: int, *, by: str) -> None:
    """It is kept that they skipped it, and for a while they are shown others; one that somebody has needs no skip."""
    ticket = get(work, number)
    require(work, Deed.NEXT, ticket, by)
    if ticket.assignee is None:
        events.record(work, ticket, Happened.SKIPPED, by=by)
