"""Each rejection names what is missing."""

from rules.escalations import GAPS, Advice
from storage.gaps import add
from storage.tables import Escalation, Ticket
from storage.work import Work


def open_(work: Work, ticket: Ticket, escalation: Escalation, advice: Advice) -> None:
    """A rejection shows what the team that asked lacks for this type; the gap counts it."""
    add(work, team=escalation.from_team, type_=ticket.type, kind=GAPS[advice], number=ticket.number)
