"""Presence: what people pressed, when they are away, and where each of them is now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from rules.alerts import reachable_at
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.presence.leave import LeavePeriod
from rules.presence.presence import (
    ABSENT_STATUSES,
    MAX_LOOKAHEAD,
    Leave,
    Presence,
    PresenceAction,
    RecordedAction,
    away_since,
    current_presence,
)
from storage.presence.shifts import shifts_by_person, working_hours
from storage.schema.people import LeaveEntry, PresenceActionRow
from storage.schema.tickets import Person
from storage.transaction import Reader, Transaction


def presence_by_person(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Presence]:
    """Where each of them is at that moment; `team` gives the hours of those who are in no team."""
    wanted = list(dict.fromkeys(people))
    leaves, pressed = leave_by_person(reader, wanted, at=at), latest_presence_actions(reader, wanted)
    left = _people_who_left(reader, wanted)
    hours = working_hours(reader, wanted, policy=policy, team=team, at=at)
    return {
        who: current_presence(
            hours[who],
            policy.people.get(who, PersonProfile()),
            leaves[who],
            pressed.get(who),
            at,
            is_gone=who in left,
        )
        for who in wanted
    }


def presence_of(reader: Reader, person: str, *, policy: Policy, at: datetime, team: str = "") -> Presence:
    """Where one person is."""
    return presence_by_person(reader, [person], policy=policy, team=team, at=at)[person]


def absent_people(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> frozenset[str]:
    """Those of them who are away, or have left."""
    found = presence_by_person(reader, people, policy=policy, team=team, at=at)
    return frozenset(who for who, stands in found.items() if stands.status in ABSENT_STATUSES)


def last_at_work(reader: Reader, person: str, *, policy: Policy, at: datetime) -> datetime:
    """When the person was last at work who is away at that moment."""
    leaves = leave_by_person(reader, [person], at=at - MAX_LOOKAHEAD)[person]
    hours = working_hours(reader, [person], policy=policy, team="", at=at - MAX_LOOKAHEAD)[person]
    return away_since(hours, policy.people.get(person, PersonProfile()), leaves, at)


def next_working_moment(reader: Reader, person: str, *, policy: Policy, team: str, at: datetime) -> datetime:
    """The first moment from then on at which the person works, by their hours, their own shifts and their leave."""
    leaves = leave_by_person(reader, [person], at=at)[person]
    own = shifts_by_person(reader, [person], at=at)[person]
    return reachable_at(policy, person, team, at, leaves, own_shifts=own)


def leave_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, list[Leave]]:
    """Their time away that is not over yet, the earliest first; whoever has none is there with none."""
    rows = current_leave_entries(reader, people, at=at)
    found: dict[str, list[Leave]] = defaultdict(list)
    for row in rows:
        found[row.person].append(Leave(row.begins, row.ends, row.kind))
    return {who: found[who] for who in people}


def current_leave_entries(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[LeaveEntry]:
    """The entries of time away that were not taken back and are not over."""
    mine = select(LeaveEntry).where(
        LeaveEntry.workspace_id == reader.workspace,
        LeaveEntry.person.in_(people),
        LeaveEntry.cancelled_at.is_(None),
        or_(LeaveEntry.ends.is_(None), LeaveEntry.ends > at),
    )
    return reader.session.scalars(mine.order_by(LeaveEntry.begins)).all()


def find_leave(reader: Reader, person: str, id_: int) -> LeaveEntry | None:
    return reader.session.get(LeaveEntry, (reader.workspace, person, id_))


def all_leave_entries(reader: Reader, person: str) -> Sequence[LeaveEntry]:
    """Everything that was ever entered for this person, also what was taken back."""
    theirs = select(LeaveEntry).where(LeaveEntry.workspace_id == reader.workspace, LeaveEntry.person == person)
    return reader.session.scalars(theirs.order_by(LeaveEntry.begins, LeaveEntry.id)).all()


def add_leave(tx: Transaction, person: str, span: LeavePeriod, *, by: str, uid: str | None = None) -> LeaveEntry:
    """One more entry of time away."""
    mine = (LeaveEntry.workspace_id == tx.workspace, LeaveEntry.person == person)
    row = LeaveEntry(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(LeaveEntry.id)).where(*mine)) or 0) + 1,
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


def save_presence_action(tx: Transaction, person: str, what: PresenceAction, *, activity: str = "") -> None:
    """What somebody pressed now; of two presses at one moment the later counts."""
    tx.session.merge(
        PresenceActionRow(workspace_id=tx.workspace, person=person, at=tx.now, what=what, activity=activity)
    )


def latest_presence_actions(reader: Reader, people: Sequence[str]) -> dict[str, RecordedAction]:
    """The newest thing that each of them pressed on a floor card; whoever never pressed is not there."""
    newest = (
        select(PresenceActionRow.person, func.max(PresenceActionRow.at).label("at"))
        .where(PresenceActionRow.workspace_id == reader.workspace, PresenceActionRow.person.in_(people))
        .group_by(PresenceActionRow.person)
        .subquery()
    )
    here = and_(PresenceActionRow.person == newest.c.person, PresenceActionRow.at == newest.c.at)
    rows = reader.session.scalars(
        select(PresenceActionRow).join(newest, here).where(PresenceActionRow.workspace_id == reader.workspace)
    )
    return {row.person: RecordedAction(row.what, row.at, row.activity) for row in rows}


def _people_who_left(reader: Reader, people: Sequence[str]) -> set[str]:
    left = select(Person.user_id).where(
        Person.workspace_id == reader.workspace, Person.user_id.in_(people), Person.gone.is_(True)
    )
    return set(reader.session.scalars(left))
