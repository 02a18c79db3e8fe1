"""Tickets resolved in a span, and the states they went through: read by index."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from rules.model.timers import TimerKind
from rules.reports.resolution_times import MAX_TICKETS, ResolvedTicket, StatusPeriod, TooManyTickets
from storage.schema.columns import same_ticket
from storage.schema.tickets import Event, Ticket, TimerRow
from storage.transaction import Reader

_RESOLUTION_TIMER = same_ticket(TimerRow, Ticket) & (TimerRow.target == TimerKind.RESOLUTION)
_COLUMNS: tuple[Any, ...] = (
    Ticket.number,
    Ticket.title,
    Ticket.type,
    Ticket.team,
    func.coalesce(Ticket.resolved_by, ""),
    Ticket.created_at,
    Ticket.resolved_at,
    TimerRow.calendar,
)


def resolved_between(
    reader: Reader,
    *,
    start: datetime,
    end: datetime,
    teams: Collection[str] | None = None,
    person: str | None = None,
    limit: int = MAX_TICKETS,
) -> list[ResolvedTicket]:
    """Tickets that are resolved, and were resolved from `start` up to `end`, by these teams or this person.

    A ticket reopened since then is left out: its time is not over. TooManyTickets where there are more than `limit`.
    """
    conditions = _resolved_conditions(reader.workspace, start, end, teams, person)
    query = select(*_COLUMNS).outerjoin(TimerRow, _RESOLUTION_TIMER).where(*conditions)
    rows = reader.session.execute(query.limit(limit + 1)).all()
    if len(rows) > limit:
        raise TooManyTickets(limit)
    columns = select(Event.number, Event.seq, Event.at, Event.status).select_from(Ticket)
    states = columns.join(Event, same_ticket(Event, Ticket)).where(*conditions)
    stays: dict[int, list[tuple[int, StatusPeriod]]] = defaultdict(list)
    for number, seq, at, status in reader.session.execute(states):
        stays[number].append((seq, StatusPeriod(at, status)))
    tickets = (ResolvedTicket(*row) for row in rows)
    return [replace(ticket, status_periods=_sorted_stays(stays[ticket.number])) for ticket in tickets]


def _resolved_conditions(
    workspace: str, start: datetime, end: datetime, teams: Collection[str] | None, person: str | None
) -> list[ColumnElement[bool]]:
    conditions = [Ticket.workspace_id == workspace, Ticket.resolved_at >= start, Ticket.resolved_at < end]
    if teams is not None:
        conditions.append(Ticket.team.in_(teams))
    if person is not None:
        conditions.append(Ticket.resolved_by == person)
    return conditions


def _sorted_stays(stays: list[tuple[int, StatusPeriod]]) -> tuple[StatusPeriod, ...]:
    return tuple(stay for _, stay in sorted(stays, key=lambda numbered: numbered[0]))
