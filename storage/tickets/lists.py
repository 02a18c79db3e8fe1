"""Lists of tickets: which of them a person sees, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select, union_all

from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer, TimerKind
from rules.people.permissions import desk_wide_roles, teams_worked_in
from storage.schema.escalations import ApproverRow, awaits_answer_of, joins_escalation
from storage.schema.tickets import Escalation, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader, select_where

PAGE_SIZE = 10
MAX_COUNTED = 1000  # longer lists are not counted to the end: the hundredth page has no readers

_OWN_VIEWS = (ListView.MINE, ListView.ASSIGNED, ListView.REQUESTED)
_URGENCY = case({urgency: rank for rank, urgency in enumerate(Priority)}, value=Ticket.priority)


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which tickets a person may see: those of their teams or all, and always their own and their requests."""

    person: str
    teams: tuple[str, ...] = ()
    everything: bool = False
    represented: tuple[str, ...] = ()  # absent people whom they stand in for

    @property
    def assignees(self) -> tuple[str, ...]:
        return (self.person, *self.represented)

    @property
    def only_own(self) -> bool:
        """True for people who are not staff: their list is of what they requested, were assigned or have to approve."""
        return not (self.teams or self.everything)


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of a list; `unassigned_count` is counted only for an empty list, as a way on."""

    listing: TicketListing
    tickets: Sequence[Ticket]
    timers: Mapping[int, Mapping[TimerKind, SlaTimer]]
    total: int
    unassigned_count: int = 0

    @property
    def first_place(self) -> int:
        """The position of its first ticket in the whole list, from 1."""
        return (self.listing.page - 1) * PAGE_SIZE + 1

    @property
    def last_place(self) -> int:
        return self.first_place + len(self.tickets) - 1

    @property
    def has_next(self) -> bool:
        return self.last_place < self.total


def visibility_of(policy: Policy, person: str) -> Visibility:
    teams, everything = tuple(teams_worked_in(policy, person)), bool(desk_wide_roles(policy, person))
    return Visibility(person, teams, everything, represented=policy.acts_for(person)[1:])


def list_page(reader: Reader, listing: TicketListing, *, visibility: Visibility, at: datetime) -> TicketPage:
    """The last page when the list has become shorter.

    Overdue: a timer is past its due time. Due soon: none is, but the desk has warned of one (`warn_at`), so that lists,
    summaries and alerts agree.
    """
    total = count_listed(reader, listing, visibility=visibility, at=at)
    if total == 0:
        unassigned = count_listed(reader, TicketListing(ListView.UNASSIGNED), visibility=visibility, at=at)
        return TicketPage(listing, [], {}, 0, unassigned_count=unassigned)
    listing = replace(listing, page=min(max(listing.page, 1), -(-total // PAGE_SIZE)))
    listed = select_listed(reader, listing, visibility, at)
    rows = reader.session.scalars(listed.offset((listing.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return TicketPage(listing, rows, timers.timers_by_ticket(reader, [ticket.number for ticket in rows]), total)


def count_listed(reader: Reader, listing: TicketListing, *, visibility: Visibility, at: datetime) -> int:
    listed = select_listed(reader, listing, visibility, at).order_by(None)
    numbers = listed.with_only_columns(Ticket.number).limit(MAX_COUNTED)
    return reader.session.scalar(select(func.count()).select_from(numbers.subquery())) or 0


def select_listed(reader: Reader, listing: TicketListing, visibility: Visibility, at: datetime) -> Select[Ticket]:
    """Open ones by due time, the earliest first; of resolved ones the last resolved first, of all the newest."""
    listed = _select_visible(reader, listing, visibility)
    if listing.view is ListView.ALL:
        return listed.order_by(Ticket.number.desc())
    if listing.view is ListView.RESOLVED:
        return listed.where(Ticket.resolved_at.is_not(None)).order_by(Ticket.resolved_at.desc(), Ticket.number.desc())
    listed = listed.where(Ticket.resolved_at.is_(None))
    if listing.view in (ListView.BREACHED, ListView.DUE_SOON):
        return _order_by_due(listed, reader, listing.view, at)
    listed = listed.where(*_in_view(reader, listing.view, visibility))
    is_first_due = (TimerRow.workspace_id == Ticket.workspace_id, TimerRow.number == Ticket.number, timers.is_running())
    due = select(func.min(TimerRow.due_at)).where(*is_first_due).correlate(Ticket).scalar_subquery()
    return listed.order_by(due.nulls_last(), _URGENCY, Ticket.number)


def is_requester(reader: Reader, person: str) -> ColumnElement[bool]:
    """As the permission to see a ticket counts it: who asked, or filed it for another person. Each has its index."""
    return Ticket.number.in_(union_all(*_requested_numbers(reader, person)))


def _select_visible(reader: Reader, listing: TicketListing, visibility: Visibility) -> Select[Ticket]:
    listed = select_where(reader, Ticket)
    if listing.type:
        listed = listed.where(Ticket.type == listing.type)
    if listing.team:
        listed = listed.where(Ticket.team == listing.team)
    # Visible anyway; without the condition the index of teams, assignees or requesters finds them.
    is_visible = listing.team in visibility.teams or listing.view in _OWN_VIEWS
    return listed if is_visible else listed.where(*_visible_to(reader, visibility))


def _in_view(reader: Reader, view: ListView, visibility: Visibility) -> list[ColumnElement[bool]]:
    """Own are those assigned to staff; other people's are also those that they asked for."""
    assigned = Ticket.assignee == visibility.person
    if view is ListView.UNASSIGNED:
        return [Ticket.assignee.is_(None)]
    if view is ListView.ASSIGNED or (view is ListView.MINE and visibility.teams):
        return [assigned]
    if view is ListView.REQUESTED:
        return [Ticket.requester == visibility.person if visibility.teams else is_requester(reader, visibility.person)]
    if view is ListView.MINE:
        open_assigned = select_where(reader, Ticket.number, assigned, Ticket.resolved_at.is_(None))
        return [Ticket.number.in_(union_all(*_requested_numbers(reader, visibility.person), open_assigned))]
    return []


def _order_by_due(listed: Select[Ticket], reader: Reader, view: ListView, at: datetime) -> Select[Ticket]:
    due_times = timers.select_due_times(reader)
    if view is ListView.BREACHED:
        due_times = due_times.where(TimerRow.due_at < at)
    else:
        due_times = due_times.where(TimerRow.due_at >= at, TimerRow.level >= 1)
        overdue = select_where(reader, TimerRow.number, timers.is_running(), TimerRow.due_at < at)
        listed = listed.where(Ticket.number.not_in(overdue))
    earliest = due_times.subquery()
    listed = listed.join(earliest, earliest.c.number == Ticket.number)
    return listed.order_by(earliest.c.due, _URGENCY, Ticket.number)


def _visible_to(reader: Reader, visibility: Visibility) -> list[ColumnElement[bool]]:
    if visibility.everything:
        return []
    to_approve = select(ApproverRow.number).join(Escalation, joins_escalation())
    to_approve = to_approve.where(Escalation.workspace_id == reader.workspace, Escalation.decided_at.is_(None))
    to_approve = to_approve.where(awaits_answer_of(visibility.person))
    assigned = Ticket.assignee.in_(visibility.assignees)
    if visibility.only_own:
        # Only open ones of those assigned: there is no index of the assignees of resolved tickets.
        open_assigned = select_where(reader, Ticket.number, assigned, Ticket.resolved_at.is_(None))
        return [Ticket.number.in_(union_all(*_requested_numbers(reader, visibility.person), open_assigned, to_approve))]
    is_escalated = (Escalation.team.in_(visibility.teams), Escalation.decided_at.is_(None))
    asked = select_where(reader, Escalation.number, *is_escalated).union_all(to_approve)
    visible = (Ticket.team.in_(visibility.teams), Ticket.first_line.in_(visibility.teams), Ticket.number.in_(asked))
    return [or_(*visible, assigned, is_requester(reader, visibility.person))]


def _requested_numbers(reader: Reader, person: str) -> list[Select[int]]:
    for_another = (Ticket.registered_by == person, Ticket.registered_by != Ticket.requester)
    conditions: list[tuple[ColumnElement[bool], ...]] = [(Ticket.requester == person,), for_another]
    return [select_where(reader, Ticket.number, *which) for which in conditions]
