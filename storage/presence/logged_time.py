"""Presence actions over some days, with the leave that ends an activity."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from rules.presence.presence import Leave, RecordedAction
from storage.people.people import names_of
from storage.schema.people import LeaveEntry, PresenceActionRow
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class PresenceHistory:
    """By person: presence actions in order, leave, and names."""

    actions: Mapping[str, Sequence[RecordedAction]]
    leaves: Mapping[str, Sequence[Leave]]
    names: Mapping[str, str]


def presence_history(reader: Reader, people: Iterable[str], *, start: datetime, end: datetime) -> PresenceHistory:
    """From `start` up to `end`; people without any action are in it too."""
    persons = list(dict.fromkeys(people))
    actions, leaves = defaultdict(list), defaultdict(list)
    action_query = select(PresenceActionRow).where(
        PresenceActionRow.workspace_id == reader.workspace,
        PresenceActionRow.person.in_(persons),
        PresenceActionRow.at >= start,
        PresenceActionRow.at < end,
    )
    for action in reader.session.scalars(action_query.order_by(PresenceActionRow.person, PresenceActionRow.at)):
        actions[action.person].append(RecordedAction(action.what, action.at, action.activity))
    leave_query = select(LeaveEntry).where(
        LeaveEntry.workspace_id == reader.workspace,
        LeaveEntry.person.in_(persons),
        LeaveEntry.cancelled_at.is_(None),
        LeaveEntry.begins < end,
        or_(LeaveEntry.ends.is_(None), LeaveEntry.ends > start),
    )
    for row in reader.session.scalars(leave_query):
        leaves[row.person].append(Leave(row.begins, row.ends, row.kind))
    return PresenceHistory(
        {person: actions[person] for person in persons},
        {person: leaves[person] for person in persons},
        names_of(reader, persons),
    )
