"""Presence: recorded actions, leave, and the status of each person now."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, func, select

from rules.alerts import reachable_at
from rules.model.people import PersonProfile
from rules.model.policy import Policy
from rules.presence.presence import (
    ABSENT_STATUSES,
    MAX_LOOKAHEAD,
    Presence,
    PresenceAction,
    RecordedAction,
    away_since,
    current_presence,
)
from storage.people.people import people_who_left
from storage.presence.time_entries import leave_by_person, shifts_by_person, working_hours
from storage.schema.people import PresenceActionRow
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
