"""Lists of tickets: which of them a person sees, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select

from rules.intake.commands import Listing, View
from rules.model.policy import Policy
from rules.model.tickets import Priority
from rules.model.timers import Clock as Running
from rules.model.timers import ClockKind
from rules.people.permissions import standing, teams_of
from storage.schema.tickets import Clock, Escalation, Ticket
from storage.sla import timers
from storage.transaction import Reader

SIZE = 10
COUNTED = 1000  # more than this are not counted: nobody reads the hundredth page

_URGENCY = case({urgency: rank for rank, urgency in enumerate(Priority)}, value=Ticket.priority)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which tickets a person may see: their teams', everything, and always what they asked for or hold."""

    who: str
    teams: tuple[str, ...] = ()
    everything: bool = False

    @property
    def only_own(self) -> bool:
        """Whether the person works at no desk: then a list is of what they asked for."""
        return not (self.teams or self.everything)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `unassigned` is counted only where the list is empty, as a way on."""

    asked: Listing
    tickets: Sequence[Ticket]
    clocks: Mapping[int, Mapping[ClockKind, Running]]
    total: int
    unassigned: int = 0

    @property
    def first(self) -> int:
        """The place of its first ticket in the whole list, from 1."""
        return (self.asked.page - 1) * SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.tickets) - 1

    @property
    def goes_on(self) -> bool:
        return self.last < self.total


def sight_of(policy: Policy, person: str) -> Sight:
    """What the person's roles let them see in lists: the same as ticket by ticket."""
    return Sight(person, tuple(teams_of(policy, person)), everything=bool(standing(policy, person)))


def page_of(reader: Reader, asked: Listing, *, sight: Sight, at: datetime) -> Page:
    """That page of the list, or the last one when it has become shorter.

    Overdue: a clock runs past its due time. Near: none does yet, but the desk has warned of one (`warn_at`), so that
    lists, summaries and alerts agree on what is near.
    """
    total = count(reader, asked, sight=sight, at=at)
    if total == 0:
        free = count(reader, Listing(View.UNASSIGNED), sight=sight, at=at)
        return Page(asked, [], {}, 0, unassigned=free)
    asked = replace(asked, page=min(max(asked.page, 1), -(-total // SIZE)))
    listed = _listed(reader.workspace, asked, sight, at)
    rows = reader.session.scalars(listed.offset((asked.page - 1) * SIZE).limit(SIZE)).all()
    return Page(asked, rows, timers.of_many(reader, [ticket.number for ticket in rows]), total)


def count(reader: Reader, asked: Listing, *, sight: Sight, at: datetime) -> int:
    """How many tickets the whole list has, up to a thousand."""
    some = _listed(reader.workspace, asked, sight, at).with_only_columns(Ticket.number).order_by(None).limit(COUNTED)
    return reader.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _listed(workspace: str, asked: Listing, sight: Sight, at: datetime) -> Select[Ticket]:
    """The most urgent first, then the oldest; of all, the newest first."""
    listed = select(Ticket).where(Ticket.workspace_id == workspace, *_seen(workspace, sight))
    if asked.team:
        listed = listed.where(Ticket.team == asked.team)
    if asked.view is View.ALL:
        return listed.order_by(Ticket.number.desc())
    listed = listed.where(Ticket.resolved_at.is_(None))
    if asked.view in (View.OVERDUE, View.NEAR):
        return _by_clock(listed, workspace, asked.view, at)
    if asked.view is View.MINE and sight.teams:
        listed = listed.where(Ticket.assignee == sight.who)
    elif asked.view is View.MINE:
        listed = listed.where(Ticket.requester == sight.who)
    elif asked.view is View.UNASSIGNED:
        listed = listed.where(Ticket.assignee.is_(None))
    return listed.order_by(_URGENCY, Ticket.number)


def _by_clock(listed: Select[Ticket], workspace: str, view: View, at: datetime) -> Select[Ticket]:
    """The most urgent first. The state is a literal, because a partial index is not found by a parameter."""
    running = (Clock.workspace_id == workspace, Clock.state == literal_column("'running'"))
    due = select(Clock.number, func.min(Clock.due_at).label("due")).where(*running).group_by(Clock.number)
    late = select(Clock.number).where(*running, Clock.due_at < at)
    if view is View.OVERDUE:
        due = due.where(Clock.due_at < at)
    else:
        due = due.where(Clock.due_at >= at, Clock.level >= 1)
        listed = listed.where(Ticket.number.not_in(late))
    first = due.subquery()
    return listed.join(first, first.c.number == Ticket.number).order_by(first.c.due, Ticket.number)


def _seen(workspace: str, sight: Sight) -> list[ColumnElement[bool]]:
    if sight.everything:
        return []
    if sight.only_own:
        return [Ticket.requester == sight.who]
    asked = select(Escalation.number).where(
        Escalation.workspace_id == workspace, Escalation.team.in_(sight.teams), Escalation.decided_at.is_(None)
    )
    theirs = (Ticket.team.in_(sight.teams), Ticket.first_line.in_(sight.teams), Ticket.number.in_(asked))
    return [or_(*theirs, Ticket.assignee == sight.who, Ticket.requester == sight.who)]
