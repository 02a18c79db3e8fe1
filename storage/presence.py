"""Presence: what people pressed, when they are away, and where each of them is now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from rules.people import Availability
from rules.policy import Policy
from rules.presence import Leave, Presence, Pressed, presence
from storage.tables import Person
from storage.tables_people import Absence, Floor


def presences(
    session: Session, workspace: str, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Presence]:
    """Where each of them is at that moment; `team` gives the hours of those who are in no team."""
    wanted = list(dict.fromkeys(people))
    leaves, pressed = leaves_of(session, workspace, wanted, at=at), pressed_last(session, workspace, wanted)
    left = _gone(session, workspace, wanted)
    return {
        who: presence(
            policy.calendar_for(who, team),
            policy.people.get(who, Availability()),
            leaves[who],
            pressed.get(who),
            at,
            gone=who in left,
        )
        for who in wanted
    }


def leaves_of(session: Session, workspace: str, people: Sequence[str], *, at: datetime) -> dict[str, list[Leave]]:
    """Their time away that is not over yet, the earliest first; whoever has none is there with none."""
    rows = standing(session, workspace, people, at=at)
    found: dict[str, list[Leave]] = defaultdict(list)
    for row in rows:
        found[row.person].append(Leave(row.begins, row.ends, row.kind))
    return {who: found[who] for who in people}


def standing(session: Session, workspace: str, people: Sequence[str], *, at: datetime) -> Sequence[Absence]:
    """The entries of time away that were not taken back and are not over."""
    mine = select(Absence).where(
        Absence.workspace_id == workspace,
        Absence.person.in_(people),
        Absence.cancelled_at.is_(None),
        or_(Absence.ends.is_(None), Absence.ends > at),
    )
    return session.scalars(mine.order_by(Absence.begins)).all()


def pressed_last(session: Session, workspace: str, people: Sequence[str]) -> dict[str, Pressed]:
    """The newest thing that each of them pressed on a floor card; whoever never pressed is not there."""
    newest = (
        select(Floor.person, func.max(Floor.at).label("at"))
        .where(Floor.workspace_id == workspace, Floor.person.in_(people))
        .group_by(Floor.person)
        .subquery()
    )
    here = and_(Floor.person == newest.c.person, Floor.at == newest.c.at)
    rows = session.scalars(select(Floor).join(newest, here).where(Floor.workspace_id == workspace))
    return {row.person: Pressed(row.what, row.at, row.activity) for row in rows}


def _gone(session: Session, workspace: str, people: Sequence[str]) -> set[str]:
    left = select(Person.user_id).where(
        Person.workspace_id == workspace, Person.user_id.in_(people), Person.gone.is_(True)
    )
    return set(session.scalars(left))
