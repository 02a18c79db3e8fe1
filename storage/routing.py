"""Who could get a ticket, what is known of each of them for it, and whose turn it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rules.load import Load
from rules.people import Availability
from rules.policy import Assigning, Policy
from rules.routing import Candidate, room
from rules.zones import zone
from storage.competence import competences
from storage.events import Happened
from storage.load import loads
from storage.presence import presences
from storage.tables import Event, Ticket
from storage.tables_people import Turn
from storage.work import Work

UNANSWERED, ABSENT = "unanswered", "absent"  # why the desk took back what it gave
LOOKED_AT = 2000  # so many of the newest resolved tickets are looked through for the same customer


def candidates(
    session: Session,
    workspace: str,
    ticket: Ticket,
    people: Sequence[str],
    *,
    policy: Policy,
    at: datetime,
    turns: Mapping[str, datetime] | None = None,
) -> list[Candidate]:
    """Each of these people as far as it matters for this ticket, in the same order."""
    team = policy.team(ticket.team)
    here = presences(session, workspace, people, policy=policy, team=ticket.team, at=at)
    local = at.astimezone(zone(policy.calendar_of(ticket.team).timezone)).date()
    known = competences(session, workspace, people, policy=policy, day=local)
    held = loads(session, workspace, people, policy=policy, at=at)
    solver, passed = solved_last(session, workspace, ticket), who_passed(session, workspace, ticket)
    return [
        Candidate(
            person=who,
            presence=here[who],
            level=known.level(who, ticket.type),
            fits=known.fits(who, ticket.type),
            minutes=held[who].minutes,
            open=len(held[who].items),
            room=room(team, policy.people.get(who, Availability()), taken(held[who])),
            knows_asker=who == solver,
            turn=(turns or {}).get(who),
            passed=who in passed,
        )
        for who in people
    ]


def taken(load: Load) -> int:
    """How many tickets count against what somebody may hold: what waits for others does not."""
    return len(load.at_hand)


def solved_last(session: Session, workspace: str, ticket: Ticket) -> str | None:
    """Who resolved the last ticket of this type for the same customer, or for the same person where none is named."""
    done = select(Ticket).where(Ticket.workspace_id == workspace, Ticket.resolved_at.is_not(None))
    if ticket.customer:
        newest = done.order_by(Ticket.resolved_at.desc()).limit(LOOKED_AT).subquery()
        same = (newest.c.customer == ticket.customer, newest.c.type == ticket.type)
        return session.scalars(
            select(newest.c.resolved_by).where(*same).order_by(newest.c.resolved_at.desc()).limit(1)
        ).first()
    same_asker = (Ticket.requester == ticket.requester, Ticket.type == ticket.type, Ticket.customer.is_(None))
    found = done.where(*same_asker).order_by(Ticket.number.desc()).limit(1)
    return session.scalars(found.with_only_columns(Ticket.resolved_by)).first()


def who_passed(session: Session, workspace: str, ticket: Ticket) -> set[str]:
    """Those who passed this ticket, or left it unanswered; a new one nobody has passed."""
    if ticket.seq <= 1:
        return set()
    mine = select(Event.by, Event.data).where(
        Event.workspace_id == workspace, Event.number == ticket.number, Event.kind == str(Happened.PASSED)
    )
    return {str(data.get("from", by)) for by, data in session.execute(mine) if data.get("why") != ABSENT}


def turns_of(work: Work, team: str) -> dict[str, datetime]:
    """When each of the team was given something last. The row stays locked: of two who give for one team, one waits."""
    made = {"workspace_id": work.workspace, "team": team, "turns": {}}
    dialect = postgresql if work.connection.dialect.name == "postgresql" else sqlite
    work.run(dialect.insert(Turn).values(made).on_conflict_do_nothing())
    row = work.session.scalars(_turn(work, team).with_for_update().execution_options(populate_existing=True)).one()
    return {who: datetime.fromisoformat(at) for who, at in row.turns.items()}


def keep_turn(work: Work, team: str, person: str) -> None:
    """The desk gave this person something just now."""
    row = work.session.scalars(_turn(work, team)).one()
    row.turns = {**row.turns, person: work.now.isoformat()}


def waiting(session: Session, workspace: str, *, policy: Policy, limit: int, after: int = 0) -> Sequence[int]:
    """Unassigned tickets that the desk itself gives to somebody, the oldest first."""
    by_desk = [key for key, team in policy.teams.items() if team.assigning is not Assigning.BY_HAND]
    of_types = [key for key, kind in policy.types.items() if kind.assigning not in (None, Assigning.BY_HAND)]
    by_hand = [key for key, kind in policy.types.items() if kind.assigning is Assigning.BY_HAND]
    if not (by_desk or of_types):
        return ()
    free = select(Ticket.number).where(
        Ticket.workspace_id == workspace,
        Ticket.resolved_at.is_(None),
        Ticket.assignee.is_(None),
        Ticket.number > after,
        (Ticket.team.in_(by_desk) & Ticket.type.not_in(by_hand)) | Ticket.type.in_(of_types),
    )
    return session.scalars(free.order_by(Ticket.number).limit(limit)).all()


def _turn(work: Work, team: str) -> Select[Turn]:
    return select(Turn).where(Turn.workspace_id == work.workspace, Turn.team == team)
