"""The open tickets that Home lists for one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, select

from rules.model.tickets import Status
from storage.schema.tickets import Ticket
from storage.sla import timers
from storage.tickets.lists import MAX_COUNTED
from storage.transaction import Reader, first_where, select_where

TICKETS_PER_LIST = 10
MAX_QUEUES = 3


@dataclass(frozen=True, slots=True)
class TicketList:
    """The first tickets of a list, and the length of the whole list."""

    tickets: Sequence[Ticket] = ()
    total: int = 0


NO_TICKETS = TicketList()


def offered_tickets(reader: Reader, person: str, *, at: datetime) -> TicketList:
    """Assigned to the person, who has not started yet."""
    return _ticket_list(reader, at, Ticket.assignee == person, Ticket.status == Status.ASSIGNED)


def assigned_tickets(reader: Reader, person: str, *, at: datetime) -> TicketList:
    return _ticket_list(reader, at, Ticket.assignee == person, Ticket.status != Status.ASSIGNED)


def requested_tickets(reader: Reader, person: str, *, at: datetime) -> TicketList:
    return _ticket_list(reader, at, Ticket.requester == person)


def team_queues(reader: Reader, teams: Sequence[str], *, at: datetime) -> dict[str, TicketList]:
    """Of the first MAX_QUEUES teams."""
    return {team: _ticket_list(reader, at, Ticket.team == team) for team in teams[:MAX_QUEUES]}


def has_open_request(reader: Reader, person: str) -> bool:
    return first_where(reader, Ticket.number, Ticket.resolved_at.is_(None), Ticket.requester == person) is not None


def _ticket_list(reader: Reader, at: datetime, *which: ColumnElement[bool]) -> TicketList:
    """Open tickets: the overdue and the unassigned first, then by due time."""
    due = timers.select_due_times(reader).subquery()
    open_tickets = select_where(reader, Ticket, Ticket.resolved_at.is_(None), *which)
    urgent = case((or_(Ticket.assignee.is_(None), due.c.due < at), 0), else_=1)
    listed = open_tickets.outerjoin(due, due.c.number == Ticket.number)
    order = (urgent, due.c.due.nulls_last(), Ticket.number)
    first = reader.session.scalars(listed.order_by(*order).limit(TICKETS_PER_LIST)).all()
    if len(first) < TICKETS_PER_LIST:
        return TicketList(first, len(first))
    numbers = open_tickets.with_only_columns(Ticket.number).limit(MAX_COUNTED)
    total = reader.session.scalar(select(func.count()).select_from(numbers.subquery()))
    return TicketList(first, total or 0)
