"""Presence: recorded actions, leave, and the status of each person now."""

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
from storage.people.people import people_who_left
from storage.presence.shifts import shifts_by_person, working_hours
from storage.schema.people import LeaveEntry, PresenceActionRow
from storage.transaction import Reader, Transaction


def presence_by_person(
    reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime
) -> dict[str, Presence]:
    """`team` gives the hours of people who are in no team."""
    persons = list(dict.fromkeys(people))
    leaves, actions = leave_by_person(reader, persons, at=at), latest_presence_actions(reader, persons)
    departed = people_who_left(reader, persons)
    hours = working_hours(reader, persons, policy=policy, team=team, at=at)
    return {
        person: current_presence(
            hours[person],
            policy.people.get(person, PersonProfile()),
            leaves[person],
            actions.get(person),
            at,
            is_gone=person in departed,
        )
        for person in persons
    }


def presence_of(reader: Reader, person: str, *, policy: Policy, at: datetime, team: str = "") -> Presence:
    return presence_by_person(reader, [person], policy=policy, team=team, at=at)[person]


def absent_people(reader: Reader, people: Iterable[str], *, policy: Policy, team: str, at: datetime) -> frozenset[str]:
    presences = presence_by_person(reader, people, policy=policy, team=team, at=at)
    return frozenset(person for person, presence in presences.items() if presence.status in ABSENT_STATUSES)


def last_at_work(reader: Reader, person: str, *, policy: Policy, at: datetime) -> datetime:
    leaves = leave_by_person(reader, [person], at=at - MAX_LOOKAHEAD)[person]
    hours = working_hours(reader, [person], policy=policy, team="", at=at - MAX_LOOKAHEAD)[person]
    return away_since(hours, policy.people.get(person, PersonProfile()), leaves, at)


def next_working_moment(reader: Reader, person: str, *, policy: Policy, team: str, at: datetime) -> datetime:
    """The first moment from `at` on at which the person works, by their hours, shifts and leave."""
    leaves = leave_by_person(reader, [person], at=at)[person]
    own = shifts_by_person(reader, [person], at=at)[person]
    return reachable_at(policy, person, team, at, leaves, own_shifts=own)


def leave_by_person(reader: Reader, people: Sequence[str], *, at: datetime) -> dict[str, list[Leave]]:
    """Leave that is not over yet, the earliest first; people without any have an empty list."""
    rows = current_leave_entries(reader, people, at=at)
    leave_of: dict[str, list[Leave]] = defaultdict(list)
    for row in rows:
        leave_of[row.person].append(Leave(row.begins, row.ends, row.kind))
    return {person: leave_of[person] for person in people}


def current_leave_entries(reader: Reader, people: Sequence[str], *, at: datetime) -> Sequence[LeaveEntry]:
    query = select(LeaveEntry).where(
        LeaveEntry.workspace_id == reader.workspace,
        LeaveEntry.person.in_(people),
        LeaveEntry.cancelled_at.is_(None),
        or_(LeaveEntry.ends.is_(None), LeaveEntry.ends > at),
    )
    return reader.session.scalars(query.order_by(LeaveEntry.begins)).all()


def find_leave(reader: Reader, person: str, id_: int) -> LeaveEntry | None:
    return reader.session.get(LeaveEntry, (reader.workspace, person, id_))


def all_leave_entries(reader: Reader, person: str) -> Sequence[LeaveEntry]:
    query = select(LeaveEntry).where(LeaveEntry.workspace_id == reader.workspace, LeaveEntry.person == person)
    return reader.session.scalars(query.order_by(LeaveEntry.begins, LeaveEntry.id)).all()


def add_leave(tx: Transaction, person: str, span: LeavePeriod, *, by: str, uid: str | None = None) -> LeaveEntry:
    of_person = (LeaveEntry.workspace_id == tx.workspace, LeaveEntry.person == person)
    row = LeaveEntry(
        workspace_id=tx.workspace,
        person=person,
        id=(tx.session.scalar(select(func.max(LeaveEntry.id)).where(*of_person)) or 0) + 1,
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


def save_presence_action(tx: Transaction, person: str, action: PresenceAction, *, activity: str = "") -> None:
    """Of two actions at one moment the later counts."""
    tx.session.merge(
        PresenceActionRow(workspace_id=tx.workspace, person=person, at=tx.now, what=action, activity=activity)
    )


def latest_presence_actions(reader: Reader, people: Sequence[str]) -> dict[str, RecordedAction]:
    latest = (
        select(PresenceActionRow.person, func.max(PresenceActionRow.at).label("at"))
        .where(PresenceActionRow.workspace_id == reader.workspace, PresenceActionRow.person.in_(people))
        .group_by(PresenceActionRow.person)
        .subquery()
    )
    is_latest = and_(PresenceActionRow.person == latest.c.person, PresenceActionRow.at == latest.c.at)
    rows = reader.session.scalars(
        select(PresenceActionRow).join(latest, is_latest).where(PresenceActionRow.workspace_id == reader.workspace)
    )
    return {row.person: RecordedAction(row.what, row.at, row.activity) for row in rows}
