"""Lists of tickets: which of them a person sees, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select

from rules.intake.commands import ListView, TicketListing
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.model.timers import SlaTimer as Running
from rules.model.timers import TimerKind
from rules.people.permissions import desk_wide_roles, teams_worked_in
from storage.schema.tickets import Escalation, Ticket, TimerRow
from storage.sla import timers
from storage.transaction import Reader

PAGE_SIZE = 10
MAX_COUNTED = 1000  # more than this are not counted: nobody reads the hundredth page

_URGENCY = case({urgency: rank for rank, urgency in enumerate(Priority)}, value=Ticket.priority)


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which tickets a person may see: their teams', everything, and always what they asked for or hold."""

    person: str
    teams: tuple[str, ...] = ()
    everything: bool = False

    @property
    def only_own(self) -> bool:
        """Whether the person works at no desk: then a list is of what they asked for."""
        return not (self.teams or self.everything)


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of a list; `unassigned` is counted only where the list is empty, as a way on."""

    listing: TicketListing
    tickets: Sequence[Ticket]
    timers: Mapping[int, Mapping[TimerKind, Running]]
    total: int
    unassigned_count: int = 0

    @property
    def first_place(self) -> int:
        """The place of its first ticket in the whole list, from 1."""
        return (self.listing.page - 1) * PAGE_SIZE + 1

    @property
    def last_place(self) -> int:
        return self.first_place + len(self.tickets) - 1

    @property
    def has_next(self) -> bool:
        return self.last_place < self.total


def visibility_of(policy: Policy, person: str) -> Visibility:
    """What the person's roles let them see in lists: the same as ticket by ticket."""
    return Visibility(person, tuple(teams_worked_in(policy, person)), everything=bool(desk_wide_roles(policy, person)))


def list_page(reader: Reader, listing: TicketListing, *, visibility: Visibility, at: datetime) -> TicketPage:
    """That page of the list, or the last one when it has become shorter.

    Overdue: a clock runs past its due time. Near: none does yet, but the desk has warned of one (`warn_at`), so that
    lists, summaries and alerts agree on what is near.
    """
    total = count_listed(reader, listing, sight=visibility, at=at)
    if total == 0:
        free = count_listed(reader, TicketListing(ListView.UNASSIGNED), sight=visibility, at=at)
        return TicketPage(listing, [], {}, 0, unassigned_count=free)
    listing = replace(listing, page=min(max(listing.page, 1), -(-total // PAGE_SIZE)))
    listed = _select_listed(reader.workspace, listing, visibility, at)
    rows = reader.session.scalars(listed.offset((listing.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return TicketPage(listing, rows, timers.timers_by_ticket(reader, [ticket.number for ticket in rows]), total)


def count_listed(reader: Reader, asked: TicketListing, *, sight: Visibility, at: datetime) -> int:
    """How many tickets the whole list has, up to a thousand."""
    some = (
        _select_listed(reader.workspace, asked, sight, at)
        .with_only_columns(Ticket.number)
        .order_by(None)
        .limit(MAX_COUNTED)
    )
    return reader.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _select_listed(workspace: str, asked: TicketListing, sight: Visibility, at: datetime) -> Select[Ticket]:
    """The most urgent first, then the oldest; of all, the newest first."""
    listed = select(Ticket).where(Ticket.workspace_id == workspace, *_visible_to(workspace, sight))
    if asked.team:
        listed = listed.where(Ticket.team == asked.team)
    if asked.view is ListView.ALL:
        return listed.order_by(Ticket.number.desc())
    listed = listed.where(Ticket.resolved_at.is_(None))
    if asked.view in (ListView.OVERDUE, ListView.DUE_SOON):
        return _order_by_due(listed, workspace, asked.view, at)
    if asked.view is ListView.MINE and sight.teams:
        listed = listed.where(Ticket.assignee == sight.person)
    elif asked.view is ListView.MINE:
        listed = listed.where(Ticket.requester == sight.person)
    elif asked.view is ListView.UNASSIGNED:
        listed = listed.where(Ticket.assignee.is_(None))
    return listed.order_by(_URGENCY, Ticket.number)


def _order_by_due(listed: Select[Ticket], workspace: str, view: ListView, at: datetime) -> Select[Ticket]:
    """The most urgent first. The state is a literal, because a partial index is not found by a parameter."""
    running = (TimerRow.workspace_id == workspace, TimerRow.state == literal_column("'running'"))
    due = select(TimerRow.number, func.min(TimerRow.due_at).label("due")).where(*running).group_by(TimerRow.number)
    late = select(TimerRow.number).where(*running, TimerRow.due_at < at)
    if view is ListView.OVERDUE:
        due = due.where(TimerRow.due_at < at)
    else:
        due = due.where(TimerRow.due_at >= at, TimerRow.level >= 1)
        listed = listed.where(Ticket.number.not_in(late))
    first = due.subquery()
    return listed.join(first, first.c.number == Ticket.number).order_by(first.c.due, Ticket.number)


def _visible_to(workspace: str, sight: Visibility) -> list[ColumnElement[bool]]:
    if sight.everything:
        return []
    if sight.only_own:
        return [Ticket.requester == sight.person]
    asked = select(Escalation.number).where(
        Escalation.workspace_id == workspace, Escalation.team.in_(sight.teams), Escalation.decided_at.is_(None)
    )
    theirs = (Ticket.team.in_(sight.teams), Ticket.first_line.in_(sight.teams), Ticket.number.in_(asked))
    return [or_(*theirs, Ticket.assignee == sight.person, Ticket.requester == sight.person)]
