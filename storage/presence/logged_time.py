"""What people pressed on the floor card over some days, with the leave that ends a press, and their names."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from rules.presence.presence import Leave, Pressed
from storage.people.people import names
from storage.schema.people import Absence, Floor
from storage.transaction import Reader


@dataclass(frozen=True, slots=True)
class FloorDays:
    """By person: all presses in order, all leave, and what they are called."""

    pressed: Mapping[str, Sequence[Pressed]]
    leaves: Mapping[str, Sequence[Leave]]
    names: Mapping[str, str]


def floor_days(reader: Reader, people: Iterable[str], *, start: datetime, end: datetime) -> FloorDays:
    """Of these people from `start` up to `end`; whoever pressed nothing is there with nothing."""
    wanted = list(dict.fromkeys(people))
    pressed, leaves = defaultdict(list), defaultdict(list)
    presses = select(Floor).where(
        Floor.workspace_id == reader.workspace, Floor.person.in_(wanted), Floor.at >= start, Floor.at < end
    )
    for press in reader.session.scalars(presses.order_by(Floor.person, Floor.at)):
        pressed[press.person].append(Pressed(press.what, press.at, press.activity))
    away = select(Absence).where(
        Absence.workspace_id == reader.workspace,
        Absence.person.in_(wanted),
        Absence.cancelled_at.is_(None),
        Absence.begins < end,
        or_(Absence.ends.is_(None), Absence.ends > start),
    )
    for row in reader.session.scalars(away):
        leaves[row.person].append(Leave(row.begins, row.ends, row.kind))
    return FloorDays(
        {who: pressed[who] for who in wanted},
        {who: leaves[who] for who in wanted},
        names(reader, wanted),
    )
