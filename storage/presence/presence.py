"""Presence: what people pressed, when they are away, and where each of them is now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from rules.alerts import reachable_at
from rules.model.people import Availability
from rules.model.policy import Policy
from rules.presence.leave import Span
from rules.presence.presence import ABSENT, FARTHEST, Leave, Presence, Press, Pressed, away_since, presence
from storage.presence.shifts import hours_of, own_shifts
from storage.schema.people import Absence, Floor
from storage.schema.tickets import Person
from storage.transaction import Reader, Transaction


def presences(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> dict[str, Presence]:
    """Where each of them is at that moment; `team` gives the hours of those who are in no team."""
    wanted = list(dict.fromkeys(people))
    leaves, pressed = leaves_of(reader, wanted, at=at), pressed_last(reader, wanted)
    left = _gone(reader, wanted)
    hours = hours_of(reader, wanted, policy=policy, team=team, at=at)
    return {
        who: presence(
            hours[who],
            policy.people.get(who, Availability()),
            leaves[who],
            pressed.get(who),
            at,
            gone=who in left,
        )
        for who in wanted
    }


def presence_of(reader: Reader, person: str, *, policy: Policy, at: datetime, team: str = "") -> Presence:
    """Where one person is."""
    return presences(reader, [person], policy=policy, team=team, at=at)[person]


def absent(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> frozenset[str]:
    """Those of them who are away, or have left."""
    found = presences(reader, people, policy=policy, team=team, at=at)
    return frozenset(who for who, stands in found.items() if stands.here in ABSENT)


def left_at(reader: Reader, person: str, *, policy: Policy, at: datetime) -> datetime:
    """When the person was last at work who is away at that moment."""
    leaves = leaves_of(reader, [person], at=at - FARTHEST)[person]
    hours = hours_of(reader, [person], policy=policy, team="", at=at - FARTHEST)[person]
    return away_since(hours, policy.people.get(person, Availability()), leaves, at)


def works_at(reader: Reader, person: str, *, policy: Policy, team: str, at: datetime) -> datetime:
    """The first moment from then on at which the person works, by their hours, their own shifts and their leave."""
    leaves = leaves_of(reader, [person], at=at)[person]
    own = own_shifts(reader, [person], at=at)[person]
    return reachable_at(policy, person, team, at, leaves, own=own)


def leaves_of(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, list[Leave]]:
    """Their time away that is not over yet, the earliest first; whoever has none is there with none."""
    rows = standing(reader, people, at=at)
    found: dict[str, list[Leave]] = defaultdict(list)
    for row in rows:
        found[row.person].append(Leave(row.begins, row.ends, row.kind))
    return {who: found[who] for who in people}


def standing(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[Absence]:
    """The entries of time away that were not taken back and are not over."""
    mine = select(Absence).where(
        Absence.workspace_id == reader.workspace,
        Absence.person.in_(people),
        Absence.cancelled_at.is_(None),
        or_(Absence.ends.is_(None), Absence.ends > at),
    )
    return reader.session.scalars(mine.order_by(Absence.begins)).all()


def absence(reader: Reader, person: str, id_: int) -> Absence | None:
    return reader.session.get(Absence, (reader.workspace, person, id_))


def all_of(reader: Reader, person: str) -> Sequence[Absence]:
    """Everything that was ever entered for this person, also what was taken back."""
    theirs = select(Absence).where(Absence.workspace_id == reader.workspace, Absence.person == person)
    return reader.session.scalars(theirs.order_by(Absence.begins, Absence.id)).all()


def add_absence(tx: Transaction, person: str, span: Span, *, by: str, uid: str | None = None) -> Absence:
    """One more entry of time away."""
    mine = (Absence.workspace_id == tx.workspace, Absence.person == person)
    row = Absence(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(Absence.id)).where(*mine)) or 0) + 1,
        begins=span.begins,
        ends=span.ends,
        kind=str(span.kind),
        reason=span.reason,
        uid=uid,
        by=by,
        at=tx.now,
    )
    tx.session.add(row)
    tx.flush()
    return row


def keep_press(tx: Transaction, person: str, what: Press, *, activity: str = "") -> None:
    """What somebody pressed now; of two presses at one moment the later counts."""
    tx.session.merge(Floor(workspace_id=tx.workspace, person=person, at=tx.now, what=what, activity=activity))


def pressed_last(reader: Reader, people: Sequence[str]) -> dict[str, Pressed]:
    """The newest thing that each of them pressed on a floor card; whoever never pressed is not there."""
    newest = (
        select(Floor.person, func.max(Floor.at).label("at"))
        .where(Floor.workspace_id == reader.workspace, Floor.person.in_(people))
        .group_by(Floor.person)
        .subquery()
    )
    here = and_(Floor.person == newest.c.person, Floor.at == newest.c.at)
    rows = reader.session.scalars(select(Floor).join(newest, here).where(Floor.workspace_id == reader.workspace))
    return {row.person: Pressed(row.what, row.at, row.activity) for row in rows}


def _gone(reader: Reader, people: Sequence[str]) -> set[str]:
    left = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(people), Person.gone.is_(True)
    )
    return set(reader.session.scalars(left))
