"""Presence actions over some days, with the leave that ends an activity."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.presence.presence import Leave, RecordedAction
from storage.people.people import names_of
from storage.presence.time_entries import current_entries
from storage.schema.people import LeaveEntry, PresenceActionRow
from storage.transaction import Reader, all_where


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
    in_span = (PresenceActionRow.at >= start, PresenceActionRow.at < end)
    is_theirs = PresenceActionRow.person.in_(persons)
    for action in all_where(reader, PresenceActionRow, is_theirs, *in_span, order_by=PresenceActionRow.at):
        actions[action.person].append(RecordedAction(action.what, action.at, action.activity))
    for row in current_entries(reader, LeaveEntry, persons, at=start, until=end):
        leaves[row.person].append(Leave(row.begins, row.ends, row.kind))
    own_actions = {person: actions[person] for person in persons}
    return PresenceHistory(own_actions, {person: leaves[person] for person in persons}, names_of(reader, persons))
