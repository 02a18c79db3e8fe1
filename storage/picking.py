"""Which unassigned tickets somebody could take next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rules.clocks import ClockState
from rules.competence import Competences
from rules.forecasts import Outlook
from rules.picking import Waiting, next_best
from rules.policy import Policy
from rules.tickets import Status
from storage.competence import competences
from storage.events import Happened
from storage.forecasts import look_of
from storage.skills import today
from storage.tables import Clock, Event, Ticket

SKIPPED_FOR = timedelta(hours=8)  # so long a skipped ticket is not shown to the same person
LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Next:
    """The ticket that somebody should take next and what speaks for it; without one, how many they have skipped."""

    ticket: Ticket | None
    why: Waiting | None = None
    skipped: int = 0


def next_of(session: Session, workspace: str, person: str, *, policy: Policy, at: datetime) -> Next:
    """The best of what nobody has in the person's teams, that they are competent for and did not skip just now."""
    teams = [key for key, team in policy.teams.items() if person in team.people]
    skipped = _skipped(session, workspace, person, since=at - SKIPPED_FOR)
    rows = _free(session, workspace, teams)
    late = {number: chance for team in teams for number, chance in _late(session, workspace, team).items()}
    known = competences(session, workspace, [person], policy=policy, day=today(policy, teams[0] if teams else "", at))
    waiting = [
        Waiting(ticket.number, ticket.priority, known.level(person, ticket.type), late.get(ticket.number), due_at)
        for ticket, due_at in rows
        if ticket.number not in skipped and _may_take(known, person, ticket)
    ]
    best = next_best(waiting, at)
    if best is None:
        return Next(None, skipped=sum(ticket.number in skipped for ticket, _ in rows))
    return Next(next(ticket for ticket, _ in rows if ticket.number == best.number), best)


def _may_take(known: Competences, person: str, ticket: Ticket) -> bool:
    return known.fits(person, ticket.type)


def _free(session: Session, workspace: str, teams: Sequence[str]) -> list[tuple[Ticket, datetime | None]]:
    """What nobody has, with the first due time that still runs."""
    due = (
        select(Clock.number, func.min(Clock.due_at).label("due"))
        .where(Clock.workspace_id == workspace, Clock.state == ClockState.RUNNING)
        .group_by(Clock.number)
        .subquery()
    )
    free = select(Ticket, due.c.due).outerjoin(due, due.c.number == Ticket.number)
    mine = free.where(
        Ticket.workspace_id == workspace,
        Ticket.resolved_at.is_(None),
        Ticket.team.in_(teams),
        Ticket.assignee.is_(None),
        Ticket.status == Status.NEW,
    )
    return [(ticket, at) for ticket, at in session.execute(mine.order_by(Ticket.number).limit(LOOKED_AT))]


def _late(session: Session, workspace: str, team: str) -> dict[int, float]:
    """The chance that each ticket's promise breaks, by the team's newest outlook."""
    look = look_of(session, workspace, team)
    if look is None:
        return {}
    return {one.number: 1 - one.made for one in Outlook.read(look.outlook).chances if one.made is not None}


def _skipped(session: Session, workspace: str, person: str, *, since: datetime) -> set[int]:
    mine = select(Event.number).where(
        Event.workspace_id == workspace, Event.at >= since, Event.kind == str(Happened.SKIPPED), Event.by == person
    )
    return set(session.scalars(mine))
