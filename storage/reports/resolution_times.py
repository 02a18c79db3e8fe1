"""Tickets resolved in a span, and the states they went through until then: read from their history by index."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from rules.model.timers import TimerKind
from rules.reports.resolution_times import MAX_TICKETS, ResolvedTicket, StatusPeriod, TooManyTickets
from storage.events import EventKind, type_as_of, type_changes
from storage.schema.columns import same_ticket
from storage.schema.sla import SlaOutcome
from storage.schema.tickets import Event, Ticket
from storage.transaction import Reader, select_where

_Resolution = aliased(Event, name="resolution")
_OUTCOME = and_(
    same_ticket(SlaOutcome, Ticket), SlaOutcome.target == TimerKind.RESOLUTION, SlaOutcome.ended_at == _Resolution.at
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
    """Tickets that these teams had, or this person resolved, from `start` up to `end`, each for the last time then.

    What happens to a ticket later, such as a reopening, changes nothing. TooManyTickets where there are more than
    `limit`.
    """
    that_span = (Event.workspace_id == reader.workspace, Event.at >= start, Event.at < end)
    is_resolution = (*that_span, Event.kind == str(EventKind.RESOLVED))
    last = (
        select(Event.number, func.max(Event.seq).label("seq")).where(*is_resolution).group_by(Event.number).subquery()
    )
    of_scope = [_Resolution.workspace_id == reader.workspace]
    of_scope += [] if teams is None else [_Resolution.team.in_(teams)]
    of_scope += [] if person is None else [_Resolution.by == person]
    resolutions = and_(_Resolution.number == last.c.number, _Resolution.seq == last.c.seq, *of_scope)
    ticket = (Ticket.number, Ticket.title, Ticket.type, _Resolution.team, _Resolution.by, Ticket.created_at)
    rows = reader.session.execute(
        select(*ticket, _Resolution.at, SlaOutcome.calendar)
        .select_from(last)
        .join(_Resolution, resolutions)
        .join(Ticket, _of_resolution(Ticket))
        .outerjoin(SlaOutcome, _OUTCOME)
        .limit(limit + 1)
    ).all()
    if len(rows) > limit:
        raise TooManyTickets(limit)
    until = _of_resolution(Event) & (Event.seq <= _Resolution.seq)
    states = select(Event.number, Event.seq, Event.at, Event.status).select_from(last)
    stays: dict[int, list[tuple[int, StatusPeriod]]] = defaultdict(list)
    for number, seq, at, status in reader.session.execute(states.join(_Resolution, resolutions).join(Event, until)):
        stays[number].append((seq, StatusPeriod(at, status)))
    tickets = [ResolvedTicket(*row) for row in rows]
    changes = type_changes(reader, stays, since=start)
    return [
        replace(
            ticket,
            type=type_as_of(ticket.resolved_at, ticket.type, changes.get(ticket.number, ())),
            status_periods=_sorted_stays(stays[ticket.number]),
        )
        for ticket in tickets
    ]


def team_names(reader: Reader) -> Sequence[str]:
    """Of every team that ever had a ticket, also of those that only a log names."""
    return reader.session.scalars(select_where(reader, Ticket.team).distinct()).all()


def _of_resolution(table: type[Ticket] | type[Event]) -> ColumnElement[bool]:
    return and_(table.workspace_id == _Resolution.workspace_id, table.number == _Resolution.number)


def _sorted_stays(stays: list[tuple[int, StatusPeriod]]) -> tuple[StatusPeriod, ...]:
    return tuple(stay for _, stay in sorted(stays, key=lambda numbered: numbered[0]))
