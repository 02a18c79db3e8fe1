"""What people pressed on the floor card over some days, with the leave that ends a press, and their names."""

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
    """By person: all presses in order, all leave, and what they are called."""

    actions: Mapping[str, Sequence[RecordedAction]]
    leaves: Mapping[str, Sequence[Leave]]
    names: Mapping[str, str]


def presence_history(reader: Reader, people: Iterable[str], *, start: datetime, end: datetime) -> PresenceHistory:
    """Of these people from `start` up to `end`; whoever pressed nothing is there with nothing."""
    wanted = list(dict.fromkeys(people))
    pressed, leaves = defaultdict(list), defaultdict(list)
    presses = select(PresenceActionRow).where(
        PresenceActionRow.workspace_id == reader.workspace,
        PresenceActionRow.person.in_(wanted),
        PresenceActionRow.at >= start,
        PresenceActionRow.at < end,
    )
    for press in reader.session.scalars(presses.order_by(PresenceActionRow.person, PresenceActionRow.at)):
        pressed[press.person].append(RecordedAction(press.what, press.at, press.activity))
    away = select(LeaveEntry).where(
        LeaveEntry.workspace_id == reader.workspace,
        LeaveEntry.person.in_(wanted),
        LeaveEntry.cancelled_at.is_(None),
        LeaveEntry.begins < end,
        or_(LeaveEntry.ends.is_(None), LeaveEntry.ends > start),
    )
    for row in reader.session.scalars(away):
        leaves[row.person].append(Leave(row.begins, row.ends, row.kind))
    return PresenceHistory(
        {who: pressed[who] for who in wanted},
        {who: leaves[who] for who in wanted},
        names_of(reader, wanted),
    )
