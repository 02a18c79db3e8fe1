"""The open tickets that Home lists for one person: the first of the same lists that `/ticket list` shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from rules.intake.commands import ListView, TicketListing
from rules.model.tickets import Status
from storage.schema.tickets import Ticket
from storage.tickets.lists import PAGE_SIZE, Visibility, count_listed, is_requester, select_listed
from storage.transaction import Reader, first_where

MAX_QUEUES = 3


@dataclass(frozen=True, slots=True)
class TicketList:
    """The first tickets of a list, and the length of the whole list."""

    tickets: Sequence[Ticket] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class TeamQueue:
    """A team's unassigned tickets; how many it has open and overdue, assigned or not."""

    unassigned: TicketList = TicketList()
    open_count: int = 0
    overdue_count: int = 0


NO_TICKETS = TicketList()


def offered_tickets(reader: Reader, visibility: Visibility, *, at: datetime) -> Sequence[Ticket]:
    """Assigned to the person, who has not started yet."""
    return _first_tickets(reader, TicketListing(ListView.ASSIGNED), visibility, at, Ticket.status == Status.ASSIGNED)


def assigned_tickets(reader: Reader, visibility: Visibility, *, at: datetime) -> TicketList:
    """Without the offered ones, which are listed by themselves; but the total counts them, as the list does."""
    listing = TicketListing(ListView.ASSIGNED)
    tickets = _first_tickets(reader, listing, visibility, at, Ticket.status != Status.ASSIGNED)
    return TicketList(tickets, count_listed(reader, listing, visibility=visibility, at=at))


def requested_tickets(reader: Reader, visibility: Visibility, *, at: datetime) -> TicketList:
    return _ticket_list(reader, TicketListing(ListView.REQUESTED), visibility, at)


def team_queues(reader: Reader, teams: Sequence[str], visibility: Visibility, *, at: datetime) -> dict[str, TeamQueue]:
    """Of the first MAX_QUEUES teams."""
    return {team: _team_queue(reader, team, visibility, at) for team in teams[:MAX_QUEUES]}


def has_open_tickets(reader: Reader, person: str) -> bool:
    """Whether the person asked for an open ticket or has one assigned."""
    is_open = Ticket.resolved_at.is_(None)
    return any(
        first_where(reader, Ticket.number, is_open, own) is not None
        for own in (is_requester(reader, person), Ticket.assignee == person)
    )


def _team_queue(reader: Reader, team: str, visibility: Visibility, at: datetime) -> TeamQueue:
    open_count, overdue_count = (
        count_listed(reader, TicketListing(view, team), visibility=visibility, at=at)
        for view in (ListView.TEAM, ListView.BREACHED)
    )
    return TeamQueue(
        _ticket_list(reader, TicketListing(ListView.UNASSIGNED, team), visibility, at), open_count, overdue_count
    )


def _ticket_list(reader: Reader, listing: TicketListing, visibility: Visibility, at: datetime) -> TicketList:
    tickets = _first_tickets(reader, listing, visibility, at)
    if len(tickets) < PAGE_SIZE:
        return TicketList(tickets, len(tickets))
    return TicketList(tickets, count_listed(reader, listing, visibility=visibility, at=at))


def _first_tickets(
    reader: Reader, listing: TicketListing, visibility: Visibility, at: datetime, *which: ColumnElement[bool]
) -> Sequence[Ticket]:
    listed = select_listed(reader, listing, visibility, at).where(*which)
    return reader.session.scalars(listed.limit(PAGE_SIZE)).all()
