"""What was resolved in a span, and through which states it went: read by index, whatever else there is."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from rules.model.timers import ClockKind
from rules.reports.resolution_times import MOST, Solved, Stay, TooMany
from storage.schema.tickets import Clock, Event, Ticket
from storage.transaction import Reader

_PROMISED = (
    (Clock.workspace_id == Ticket.workspace_id)
    & (Clock.number == Ticket.number)
    & (Clock.target == ClockKind.RESOLUTION)
)
_SOLVED: tuple[Any, ...] = (
    Ticket.number,
    Ticket.title,
    Ticket.type,
    Ticket.team,
    func.coalesce(Ticket.resolved_by, ""),
    Ticket.created_at,
    Ticket.resolved_at,
    Clock.calendar,
)


def solved_between(
    reader: Reader,
    *,
    start: datetime,
    end: datetime,
    teams: Collection[str] | None = None,
    person: str | None = None,
    most: int = MOST,
) -> list[Solved]:
    """What is resolved, and was so from `start` up to `end`, by these teams or this person; else by anybody.

    A ticket reopened since is not there: its time is not over. TooMany where there are more than `most`.
    """
    mine = _resolved(reader.workspace, start, end, teams, person)
    rows = reader.session.execute(select(*_SOLVED).outerjoin(Clock, _PROMISED).where(*mine).limit(most + 1)).all()
    if len(rows) > most:
        raise TooMany(most)
    here = (Event.workspace_id == Ticket.workspace_id) & (Event.number == Ticket.number)
    story = select(Event.number, Event.seq, Event.at, Event.status).select_from(Ticket).join(Event, here).where(*mine)
    stays: dict[int, list[tuple[int, Stay]]] = defaultdict(list)
    for number, seq, at, status in reader.session.execute(story):
        stays[number].append((seq, Stay(at, status)))
    found = [Solved(*row) for row in rows]
    return [replace(one, stays=_in_order(stays[one.number])) for one in found]


def _resolved(
    workspace: str, start: datetime, end: datetime, teams: Collection[str] | None, person: str | None
) -> list[ColumnElement[bool]]:
    mine = [Ticket.workspace_id == workspace, Ticket.resolved_at >= start, Ticket.resolved_at < end]
    if teams is not None:
        mine.append(Ticket.team.in_(teams))
    if person is not None:
        mine.append(Ticket.resolved_by == person)
    return mine


def _in_order(stays: list[tuple[int, Stay]]) -> tuple[Stay, ...]:
    return tuple(stay for _, stay in sorted(stays, key=lambda one: one[0]))
