"""Escalation outcomes: the escalations of a span of time and what became of them, read by index."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from rules.escalations.escalations import EscalationState
from rules.escalations.outcomes import EscalationOutcomes, EscalationRecord, count_outcomes
from storage.events import type_as_of, type_changes
from storage.people.people import names_of
from storage.schema.columns import same_ticket
from storage.schema.tickets import Escalation, Ticket
from storage.transaction import Reader

_COLUMNS: tuple[Any, ...] = (
    Escalation.number,
    Escalation.asked_by,
    Ticket.type,
    Escalation.from_team,
    Escalation.team,
    Escalation.state,
    Escalation.advice,
    Escalation.question.is_not(None),
    Ticket.title,
    Escalation.asked_at,
    and_(
        Escalation.state.in_((EscalationState.ACCEPTED, EscalationState.REJECTED)),
        Escalation.decided_by == Escalation.asked_by,
    ),
)


def escalations_between(
    reader: Reader,
    *,
    start: datetime,
    end: datetime | None = None,
    teams: Collection[str] | None = None,
    experts: Collection[str] | None = None,
    person: str | None = None,
) -> list[EscalationRecord]:
    """The escalations from `start` up to `end`, the oldest first, each with the type that its ticket had then.

    `teams` and `person` select who escalated, `experts` the expert teams; without any of them, all.
    """
    query = select(*_COLUMNS).join(Ticket, same_ticket(Ticket, Escalation))
    query = query.where(Escalation.workspace_id == reader.workspace, Escalation.asked_at >= start)
    if end is not None:
        query = query.where(Escalation.asked_at < end)
    if teams is not None:
        query = query.where(Escalation.from_team.in_(teams))
    if experts is not None:
        query = query.where(Escalation.team.in_(experts))
    if person is not None:
        query = query.where(Escalation.asked_by == person)
    rows = reader.session.execute(query.order_by(Escalation.asked_at, Escalation.number, Escalation.round))
    escalations = [EscalationRecord(*row) for row in rows]
    changes = type_changes(reader, {one.number for one in escalations}, since=start)
    return [replace(one, type=type_as_of(one.at, one.type, changes.get(one.number, ()))) for one in escalations]


def teams_of_escalations(reader: Reader, *, start: datetime, end: datetime) -> set[str]:
    """Who escalated, and to whom."""
    in_span = (Escalation.workspace_id == reader.workspace, Escalation.asked_at >= start, Escalation.asked_at < end)
    teams = reader.session.execute(select(Escalation.from_team, Escalation.team).where(*in_span).distinct())
    return {team for pair in teams for team in pair}


def escalations_with_names(
    reader: Reader, *, start: datetime, end: datetime, teams: Collection[str] | None
) -> tuple[list[EscalationRecord], dict[str, str]]:
    escalations = escalations_between(reader, start=start, end=end, teams=teams)
    return escalations, names_of(reader, {escalation.escalated_by for escalation in escalations})


def outcomes_of_person(reader: Reader, *, person: str, type_: str | None = None, since: datetime) -> EscalationOutcomes:
    escalations = escalations_between(reader, start=since, person=person)
    return count_outcomes(escalation for escalation in escalations if type_ in (None, escalation.type))
